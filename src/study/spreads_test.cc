#include "study/spreads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "study/agreement.h"

namespace lowtide::study {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

StudyRegion region(std::size_t slots, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> value(0, 700);
  StudyRegion out;
  for (std::size_t t = 0; t < slots; ++t) out.intensity.push_back(grams_per_kwh(value(random)));
  return out;
}

// Two regions, one of them shorter and with gaps, over the end of a year; a job that is not flat.
Study made() {
  Study study;
  study.begin = *parse_utc("2020-12-29T21:00Z");
  study.regions = {region(288 * 5, 1), region(288 * 4, 2)};
  study.regions[1].intensity[10] = study.regions[1].intensity[500] = plan::kMissing;
  StudyJob job;
  job.work = {kwh(1), kwh(2), kwh(0.5), kwh(0.25)};
  study.jobs = {{}, job};
  study.jobs[0].work = {kwh(1)};
  study.rules = {{"3h", hours(3), {}, {}, hours(1)}, {"all", minutes(5), {}, {}, {}}};
  return study;
}

// What job 1 emits at a start; absent where it leaves the series or touches a gap.
std::optional<double> cost_at(const Study& study, std::size_t of, std::size_t t) {
  const auto& intensity = study.regions[of].intensity;
  double sum = 0;
  for (const Energy work : study.jobs[1].work) {
    if (t >= intensity.size() || !plan::is_known(intensity[t])) return std::nullopt;
    sum += as_grams(work * intensity[t++]);
  }
  return sum;
}

// The grams of each start of the first rule, by region.
std::vector<std::map<std::size_t, double>> by_hand(const Study& study) {
  std::vector<std::map<std::size_t, double>> out(study.regions.size());
  for (std::size_t of = 0; of < out.size(); ++of) {
    for (std::size_t t = 0; t < study.regions[of].intensity.size(); ++t) {
      if (!study.rules[0].holds(study.begin + study.slot * static_cast<int>(t))) continue;
      if (const auto cost = cost_at(study, of, t)) out[of][t] = *cost;
    }
  }
  return out;
}

TEST(Spreads, a_jobs_spread_is_over_all_regions_and_starts_that_have_a_result) {
  const Study study = made();
  std::vector<double> all;
  for (const auto& costs : by_hand(study)) {
    for (const auto& [t, cost] : costs) all.push_back(cost);
  }
  std::sort(all.begin(), all.end());
  ASSERT_GT(all.size(), 60U);
  double sum = 0;
  for (const double cost : all) sum += cost;
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(all.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double next = all[std::min(below + 1, all.size() - 1)];
    return all[below] + (next - all[below]) * (place - std::floor(place));
  };
  const JobSpread spread = spread_of(study, 1);
  EXPECT_EQ(spread.job, 1U);
  EXPECT_EQ(spread.starts, all.size());
  EXPECT_NEAR(as_grams(spread.min), all.front(), 1e-9);
  EXPECT_NEAR(as_grams(spread.q1), at(0.25), 1e-9);
  EXPECT_NEAR(as_grams(spread.median), at(0.5), 1e-9);
  EXPECT_NEAR(as_grams(spread.q3), at(0.75), 1e-9);
  EXPECT_NEAR(as_grams(spread.max), all.back(), 1e-9);
  EXPECT_NEAR(as_grams(spread.mean), sum / static_cast<double>(all.size()), 1e-9);
}

TEST(Spreads, months_are_those_of_the_start_in_utc) {
  const Study study = made();
  const auto hand = by_hand(study);
  const Utc january = *parse_utc("2021-01-01");
  for (std::size_t of = 0; of < 2; ++of) {
    double sums[2] = {};
    double starts[2] = {};
    for (const auto& [t, cost] : hand[of]) {
      const bool later = study.begin + study.slot * static_cast<int>(t) >= january;
      sums[later] += cost;
      ++starts[later];
    }
    const MonthLine line = months_of(study, 1, of);
    EXPECT_EQ(line.job, 1U);
    EXPECT_EQ(line.region, of);
    ASSERT_EQ(line.months.size(), 2U);
    EXPECT_EQ(line.months[0].first, std::chrono::year(2020) / 12);
    EXPECT_EQ(line.months[1].first, std::chrono::year(2021) / 1);
    EXPECT_NEAR(as_grams(*line.months[0].second), sums[0] / starts[0], 1e-9);
    EXPECT_NEAR(as_grams(*line.months[1].second), sums[1] / starts[1], 1e-9);
  }
}

TEST(Spreads, a_month_without_a_start_has_no_figure) {
  Study study = made();
  study.regions[0].intensity.assign(288 * 5, grams_per_kwh(100));
  // The last slots of the series are in January; all of it is a gap.
  std::fill(study.regions[0].intensity.begin() + 288 * 2, study.regions[0].intensity.end(),
            plan::kMissing);
  const MonthLine line = months_of(study, 1, 0);
  ASSERT_EQ(line.months.size(), 2U);
  EXPECT_NEAR(as_grams(*line.months[0].second), 375, 1e-9);
  EXPECT_FALSE(line.months[1].second);
  std::fill(study.regions[1].intensity.begin(), study.regions[1].intensity.end(), plan::kMissing);
  study.regions[0].intensity.assign(2, grams_per_kwh(1));
  EXPECT_EQ(spread_of(study, 1).starts, 0U) << "shorter than the job";
}

TEST(Spreads, a_table_of_starts_is_each_start_by_itself) {
  const Study study = made();
  // Midnight one hour ahead of UTC, the day before the series begins.
  const StartTable table =
      starts_by_hour(study, {1, 1, *parse_utc("2020-12-28T23:00Z"), 7, hours(3)});
  ASSERT_EQ(table.days.size(), 7U);
  for (std::size_t day = 0; day < 7; ++day) {
    ASSERT_EQ(table.days[day].size(), 8U);
    for (std::size_t column = 0; column < 8; ++column) {
      const Utc begin = *parse_utc("2020-12-28T23:00Z") + hours(24 * day + 3 * column);
      const Duration since = begin - study.begin;
      const auto hand = since < Duration{}
                            ? std::nullopt
                            : cost_at(study, 1, static_cast<std::size_t>(since / minutes(5)));
      const auto& cell = table.days[day][column];
      ASSERT_EQ(cell.has_value(), hand.has_value()) << day << " " << column;
      if (!hand) continue;
      EXPECT_NEAR(as_grams(*cell), *hand, 1e-9);
    }
  }
  EXPECT_FALSE(table.days[0][0]) << "before the series";
  EXPECT_TRUE(table.days[1][0]);
  EXPECT_FALSE(table.days[6][0]) << "after it";
  const StartTable between =
      starts_by_hour(study, {1, 1, *parse_utc("2020-12-29T23:01Z"), 1, hours(3)});
  EXPECT_FALSE(between.days[0][0]) << "no slot begins then";
}

TEST(Spreads, the_mean_of_a_region_leaves_gaps_out) {
  StudyRegion region;
  region.intensity = {grams_per_kwh(100), plan::kMissing, grams_per_kwh(400)};
  const RegionMean mean = mean_of(region);
  EXPECT_EQ(mean.known, 2U);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(*mean.mean), 250);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(*mean.min), 100);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(*mean.max), 400);
  region.intensity = {plan::kMissing};
  EXPECT_FALSE(mean_of(region).mean);
}

TEST(Agreement, is_by_rank_and_by_difference) {
  const FigurePair pairs[] = {{1, 1.5}, {2, 2}, {9, 6}, {4, 8}};
  const Agreement agreement = agreement_of(pairs);
  EXPECT_EQ(agreement.cells, 4U);
  EXPECT_DOUBLE_EQ(agreement.rank, 0.8);
  EXPECT_DOUBLE_EQ(agreement.mean_off, (-0.5 + 0 + 3 - 4) / 4);
  EXPECT_DOUBLE_EQ(agreement.mean_apart, (0.5 + 0 + 3 + 4) / 4);
  EXPECT_EQ(agreement.furthest, 3U);
  const Agreement none = agreement_of({});
  EXPECT_EQ(none.cells, 0U);
  EXPECT_TRUE(std::isnan(none.mean_off) && std::isnan(none.rank));
}

}  // namespace
}  // namespace lowtide::study
