#include "study/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <vector>

namespace lowtide::study {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Utc kBegin = *parse_utc("2026-03-01T00:00Z");

// Hours of one value each, from kBegin; a negative one is a gap.
IntensitySeries hourly(const std::vector<double>& values) {
  std::vector<IntensityPiece> pieces;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Utc begin = kBegin + hours(i);
    if (values[i] >= 0) pieces.push_back({{begin, begin + hours(1)}, grams_per_kwh(values[i])});
  }
  return *IntensitySeries::from(std::move(pieces));
}

Comparison job(std::initializer_list<double> kwh_by_slot) {
  Comparison comparison;
  for (const double energy : kwh_by_slot) comparison.work.push_back(kwh(energy));
  comparison.at = kBegin;
  return comparison;
}

Site site(const char* zone, const char* country, double pue = 1) {
  Site site;
  site.zone = zone;
  site.country = country;
  site.pue = pue;
  site.used.scope = Scope::lifecycle;
  return site;
}

// 2 kWh and then 1 kWh, over an hour of 100 g and an hour of 400: starts 0 .. 10 are wholly in the
// first hour (300 g), start 11 has its second slot in the second (200 + 400 g), 12 .. 22 are in it
// (1,200 g). Times PUE 1.5.
TEST(Compare, a_job_is_laid_over_every_start) {
  Comparison comparison = job({2, 1});
  Site a = site("A", "FR", 1.5);
  ASSERT_TRUE(lay_over(hourly({100, 400}), {kBegin, kBegin + minutes(115)}, comparison, a));
  EXPECT_EQ(a.figures.all.starts, 23U);
  EXPECT_DOUBLE_EQ(as_grams(a.figures.all.min), 450);
  EXPECT_DOUBLE_EQ(as_grams(a.figures.q1), 450);      // place 5.5
  EXPECT_DOUBLE_EQ(as_grams(a.figures.median), 900);  // place 11
  EXPECT_DOUBLE_EQ(as_grams(a.figures.q3), 1800);     // place 16.5
  EXPECT_DOUBLE_EQ(as_grams(a.figures.all.max), 1800);
  EXPECT_DOUBLE_EQ(as_grams(a.figures.all.mean), 1.5 * (11 * 300 + 600 + 11 * 1200) / 23);
  EXPECT_EQ(a.figures.best_begin, kBegin);
  EXPECT_DOUBLE_EQ(as_grams(*a.figures.now), 450);
  EXPECT_DOUBLE_EQ(as_grams(a.figures.hours[0].mean), 1.5 * (11 * 300 + 600) / 12);
  EXPECT_DOUBLE_EQ(as_grams(a.figures.hours[1].mean), 1800);
  EXPECT_EQ(a.figures.hours[1].starts, 11U);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(*a.mean), 250);
  EXPECT_TRUE(a.by_start.empty()) << "a year of them is only kept where it is asked for";
}

TEST(Compare, a_start_that_touches_a_gap_has_no_result) {
  Comparison comparison = job({1, 1, 1});
  comparison.coming = true;
  Site a = site("A", "FR");
  ASSERT_TRUE(lay_over(hourly({100, -1, 400}), {kBegin, kBegin + hours(3)}, comparison, a));
  // 10 whole starts in each known hour; nothing is known from 03:00 on.
  EXPECT_EQ(a.figures.all.starts, 20U);
  EXPECT_EQ(a.offered, 36U);
  EXPECT_DOUBLE_EQ(as_grams(a.figures.all.mean), (300 + 1200) / 2.0);
  EXPECT_EQ(a.by_start.size(), 36U);
  EXPECT_TRUE(std::isnan(as_grams(a.by_start[10])));
}

TEST(Compare, a_series_shorter_than_the_job_has_no_result) {
  Comparison comparison = job({1, 1, 1});
  Site a = site("A", "FR");
  const auto none = lay_over(hourly({100}), {kBegin, kBegin - minutes(5)}, comparison, a);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::absent);
  const auto gaps = lay_over(hourly({-1, 100}), {kBegin, kBegin + minutes(30)}, comparison, a);
  ASSERT_FALSE(gaps);
  EXPECT_EQ(gaps.error().kind, ErrorKind::absent);
}

// Three places, one value each: 400 g (own), 60 g and 30 g.
Comparison three() {
  Comparison comparison = job({1});
  const char* countries[] = {"DE", "FR", "US"};
  const double values[] = {400, 60, 30};
  for (int i = 0; i < 3; ++i) {
    Site each = site(countries[i], countries[i]);
    each.own = i == 0;
    EXPECT_TRUE(lay_over(hourly({values[i]}), {kBegin, kBegin + hours(1)}, comparison, each));
    comparison.sites.push_back(std::move(each));
  }
  return comparison;
}

TEST(Compare, places_are_in_order_with_the_transfer_in_every_figure) {
  Comparison comparison = three();
  comparison.transfer = kwh(0.1);
  rank(comparison, {});
  ASSERT_EQ(comparison.sites.size(), 3U);
  const Site& best = *comparison.best();
  EXPECT_EQ(best.zone, "US");
  EXPECT_DOUBLE_EQ(as_grams(best.transfer), 0.1 * (400 + 30) / 2);
  EXPECT_DOUBLE_EQ(as_grams(best.figures.all.mean), 30 + 21.5);
  EXPECT_DOUBLE_EQ(as_grams(*best.figures.now), 30 + 21.5);
  EXPECT_DOUBLE_EQ(as_grams(comparison.own()->figures.all.mean), 400);
}

TEST(Compare, the_own_place_stays_to_compare_with_where_it_is_not_legal) {
  Comparison comparison = three();
  plan::RegionRules rules;
  rules.countries = {{"FR"}};
  rank(comparison, rules);
  ASSERT_EQ(comparison.sites.size(), 2U);
  EXPECT_EQ(comparison.best()->zone, "FR");
  ASSERT_NE(comparison.own(), nullptr);
  EXPECT_FALSE(comparison.own()->eligible);
  EXPECT_EQ(comparison.left_out.size(), 2U);
  rules.countries = {{"SE"}};
  comparison = three();
  rank(comparison, rules);
  EXPECT_EQ(comparison.best(), nullptr);
}

TEST(Compare, the_lowest_start_may_be_elsewhere_than_the_lowest_mean) {
  Comparison comparison = job({1});
  Site flat = site("flat", "FR");
  Site swinging = site("swinging", "DE");
  const Interval starts{kBegin, kBegin + hours(2)};
  ASSERT_TRUE(lay_over(hourly({100, 100}), starts, comparison, flat));
  ASSERT_TRUE(lay_over(hourly({400, 10}), starts, comparison, swinging));
  comparison.sites = {swinging, flat};
  Comparison by_lowest = comparison;
  rank(comparison, {});
  EXPECT_EQ(comparison.best()->zone, "flat");
  EXPECT_EQ(comparison.lowest()->zone, "swinging");
  EXPECT_EQ(comparison.lowest()->figures.best_begin, kBegin + hours(1));
  by_lowest.by = RankBy::lowest;
  rank(by_lowest, {});
  EXPECT_EQ(by_lowest.best()->zone, "swinging");
}

TEST(Compare, unlike_series_are_told) {
  Comparison comparison = three();
  comparison.sites[1].used.scope = Scope::direct;
  comparison.sites[2].used.scope.reset();
  rank(comparison, {});
  for (const Site& each : comparison.sites) EXPECT_EQ(each.unlike, each.zone != "DE") << each.zone;
}

TEST(Compare, the_profile_is_what_was_charged_while_it_ran) {
  account::Report report;
  const auto slot = [&](int begin_min, int end_min, RunState state, std::optional<Energy> energy) {
    account::SlotReport slot;
    slot.span = {kBegin + minutes(begin_min), kBegin + minutes(end_min)};
    slot.state = state;
    slot.energy = energy;
    report.slots.push_back(slot);
  };
  slot(2, 5, RunState::running, joules(300));
  slot(5, 10, RunState::paused, joules(50));
  slot(10, 12, RunState::running, std::nullopt);
  slot(12, 15, RunState::running, joules(600));
  // 3 minutes of 100 J and 3 of 200 J: the first slot has 300 + 400 J, a second one the rest.
  const auto profile = profile_of(report);
  ASSERT_TRUE(profile);
  ASSERT_EQ(profile->size(), 2U);
  EXPECT_NEAR(as_joules((*profile)[0]), 700, 1e-9);
  EXPECT_NEAR(as_joules((*profile)[1]), 200, 1e-9);
  report.slots.clear();
  EXPECT_FALSE(profile_of(report));
}

}  // namespace
}  // namespace lowtide::study
