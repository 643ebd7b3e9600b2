#include "study/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "plan/exact.h"
#include "plan/policies.h"

namespace lowtide::study {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Days and noise, zeros among it; from the last day of a month on, so that rules meet an edge.
std::vector<Intensity> grid(std::size_t slots, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> noise(-120, 120);
  std::vector<Intensity> out;
  for (std::size_t t = 0; t < slots; ++t) {
    const double day = std::sin(static_cast<double>(t) * 2 * M_PI / 288);
    out.push_back(grams_per_kwh(std::max(0.0, 200 + 150 * day + noise(random))));
  }
  return out;
}

StudyRegion region(const ZoneId& zone, std::vector<Intensity> intensity) {
  StudyRegion out;
  out.name = out.used.zone = zone;
  out.intensity = std::move(intensity);
  return out;
}

StudyJob flat_job(std::size_t slots) {
  StudyJob out;
  out.name = "flat";
  out.work.assign(slots, kwh(0.25));
  return out;
}

StudyJob ragged_job(std::size_t slots) {
  StudyJob out;
  out.name = "ragged";
  for (std::size_t j = 0; j < slots; ++j)
    out.work.push_back(kwh(0.1 + 0.1 * static_cast<double>(j % 4)));
  return out;
}

Study small_study() {
  Study study;
  study.begin = *parse_utc("2020-01-30T18:00Z");
  study.regions = {region("A", grid(900, 1)), region("B", grid(900, 2))};
  study.regions[1].intensity[400] = plan::kMissing;
  study.regions[1].begin = *parse_utc("2021-03-31T06:00Z");  // another year
  study.jobs = {flat_job(5), ragged_job(9)};
  study.windows = {{"1h", hours(1), {}}, {"50%", {}, 0.5}};
  study.policies = {StudyPolicy::flexible_start, StudyPolicy::lowest_slots, StudyPolicy::exact};
  study.resumes = {Duration{}, minutes(15)};
  study.rules = {{"all", minutes(5), {}, {}, {}},
                 {"3h", hours(3), {}, {}, {}},
                 {"days", {}, {1}, {7, 9}, hours(-8)}};
  return study;
}

// One start of a cell by the planner of one job, for the same definitions.
struct One {
  double now, then, resumes;
};
One one_start(const Study& study, const Cell& cell, std::size_t t) {
  const StudyJob& job = study.jobs[cell.job];
  const std::size_t slots =
      job.work.size() + study.windows[cell.window].slots(job.work.size(), study.slot);
  const auto& intensity = study.regions[cell.region].intensity;
  const One none{std::nan(""), std::nan(""), 0};
  if (t + slots > intensity.size()) return none;
  const auto window = std::span(intensity).subspan(t, slots);
  if (!std::all_of(window.begin(), window.end(), plan::is_known)) return none;
  plan::Charges charges;
  charges.resume = job.energy() * (as_seconds(study.resumes[cell.resume]) / 300 /
                                   static_cast<double>(job.work.size()));
  const plan::Problem problem{window, job.work, charges};
  const plan::Slots made = cell.policy == StudyPolicy::exact ? plan::exact(problem)->slots
                           : cell.policy == StudyPolicy::lowest_slots
                               ? *plan::lowest_slots(problem)
                               : *plan::flexible_start(problem);
  const plan::Cost cost = cost_of(problem, made);
  return {as_grams(cost_of(problem, *plan::run_now(problem)).total()), as_grams(cost.total()),
          static_cast<double>(cost.resumes)};
}

void expect_by_hand(const Study& study, const Cell& cell) {
  const StudyJob& job = study.jobs[cell.job];
  double now = 0, then = 0, pct = 0, resumes = 0;
  std::size_t starts = 0, picked = 0;
  for (std::size_t t = 0; t < study.regions[cell.region].intensity.size(); ++t) {
    if (!study.rules[cell.rule].holds(study.at(cell.region, t))) continue;
    ++picked;
    const One one = one_start(study, cell, t);
    if (std::isnan(one.now)) continue;
    ++starts;
    now += one.now;
    then += one.then;
    pct += one.now > 0 ? 100 * (1 - one.then / one.now) : 0;
    resumes += one.resumes;
  }
  ASSERT_EQ(cell.starts, starts);
  EXPECT_EQ(cell.dropped, picked - starts);
  ASSERT_GT(starts, 0U);
  const double count = static_cast<double>(starts);
  EXPECT_NEAR(as_grams(cell.baseline), now / count, 1e-9 * now);
  EXPECT_NEAR(as_grams(cell.cost), then / count, 2e-5 * then / count);
  EXPECT_NEAR(cell.mean_of_pct, pct / count, 1e-2);
  EXPECT_NEAR(cell.ratio_pct, 100 * (1 - then / now), 2e-3);
  if (cell.policy == StudyPolicy::exact) return;
  const std::size_t slack = study.windows[cell.window].slots(job.work.size(), study.slot);
  const double window_hours = static_cast<double>(job.work.size() + slack) / 12;
  EXPECT_NEAR(cell.resumes_per_hour, resumes / count / window_hours, 1e-9);
}

TEST(Evaluate, every_cell_is_what_one_start_after_the_other_gives) {
  const Study study = small_study();
  std::vector<Cell> cells;
  for (const Piece piece : pieces_of(study)) {
    const auto made = evaluate(study, piece);
    // Two windows, three rules; flexible start has no charge, the others two.
    EXPECT_EQ(made.size(), 2U * 3U * (1 + 2 + 2));
    cells.insert(cells.end(), made.begin(), made.end());
  }
  ASSERT_EQ(cells.size(), 4U * 30U);
  for (const Cell& cell : cells) {
    SCOPED_TRACE(study.jobs[cell.job].name + " " + study.regions[cell.region].name + " " +
                 study.windows[cell.window].name + " " + std::string(spell(cell.policy)) + " " +
                 std::to_string(cell.resume) + " " + study.rules[cell.rule].name);
    expect_by_hand(study, cell);
  }
}

TEST(Evaluate, means_count_each_region_once) {
  const Study study = small_study();
  std::vector<Cell> cells;
  for (const Piece piece : pieces_of(study)) {
    const auto made = evaluate(study, piece);
    cells.insert(cells.end(), made.begin(), made.end());
  }
  put_in_order(cells);
  const auto means = means_of(cells);
  ASSERT_EQ(means.size(), cells.size() / 2);
  EXPECT_EQ(means[0].regions, 2U);
  EXPECT_EQ(cells[0].job, 0U);
  EXPECT_EQ(cells[0].region, 0U);
  const Cell& b = cells[30];
  ASSERT_EQ(b.region, 1U);
  EXPECT_DOUBLE_EQ(means[0].of.mean_of_pct, (cells[0].mean_of_pct + b.mean_of_pct) / 2);
  EXPECT_DOUBLE_EQ(means[0].starts, (cells[0].starts + b.starts) / 2.0);
  EXPECT_NE(cells[0].starts, b.starts) << "B has a gap";
}

TEST(Study, slack_is_rounded_down_and_at_least_one_slot) {
  const Duration slot = minutes(5);
  EXPECT_EQ((StudyWindow{"6h", hours(6), {}}.slots(4, slot)), 72U);
  EXPECT_EQ((StudyWindow{"7min", minutes(7), {}}.slots(4, slot)), 1U);
  EXPECT_EQ((StudyWindow{"25%", {}, 0.25}.slots(4, slot)), 1U);
  EXPECT_EQ((StudyWindow{"25%", {}, 0.25}.slots(3, slot)), 1U);
  EXPECT_EQ((StudyWindow{"75%", {}, 0.75}.slots(4, slot)), 3U);
  EXPECT_EQ((StudyWindow{"30%", {}, 0.3}.slots(10, slot)), 3U);
  EXPECT_EQ((StudyWindow{"100%", {}, 1}.slots(2592, slot)), 2592U);
}

TEST(Study, a_rule_knows_days_hours_and_the_zone_of_time) {
  const StartRule rule{"", {}, {1, 15}, {0, 12}, hours(-8)};
  EXPECT_TRUE(rule.holds(*parse_utc("2020-03-01T08:00Z")));
  EXPECT_TRUE(rule.holds(*parse_utc("2020-03-15T20:00Z")));
  EXPECT_FALSE(rule.holds(*parse_utc("2020-03-01T00:00Z"))) << "still the 29th there";
  EXPECT_FALSE(rule.holds(*parse_utc("2020-03-01T08:05Z")));
  EXPECT_FALSE(rule.holds(*parse_utc("2020-03-02T08:00Z")));
  const StartRule every{"", hours(3), {}, {}, minutes(30)};
  EXPECT_TRUE(every.holds(*parse_utc("2020-03-02T02:30Z")));
  EXPECT_FALSE(every.holds(*parse_utc("2020-03-02T03:00Z")));
}

}  // namespace
}  // namespace lowtide::study
