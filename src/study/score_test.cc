#include "study/score.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "forecast/made_for_test.h"
#include "study/rank.h"
#include "study/score_errors.h"
#include "study/score_jobs.h"

namespace lowtide::study {
namespace {

using forecast::History;
using std::chrono::days;
using std::chrono::hours;

void in_order(std::size_t pieces, const std::function<void(std::size_t)>& piece) {
  for (std::size_t i = 0; i < pieces; ++i) piece(i);
}

std::vector<const forecast::ForecasterKind*> kinds(std::initializer_list<const char*> names) {
  std::vector<const forecast::ForecasterKind*> out;
  for (const auto* name : names) out.push_back(forecast::find_forecaster(name));
  return out;
}

ScoreAsk ask_of(const History& history, int last) {
  ScoreAsk ask;
  ask.past = history.all();
  ask.end = ask.past.end();
  ask.begin = ask.end - days(last);
  ask.jobs = {hours(6)};
  return ask;
}

// Each day is the one before: yesterday is the oracle.
History the_same_each_day(std::size_t count) {
  History history = forecast::made(count, hours(1), 0.9, 50);
  for (std::size_t i = 24; i < history.values.size(); ++i) {
    history.values[i] = history.values[i - 24];
  }
  return history;
}

TEST(Score, who_knows_the_day_keeps_all_and_is_never_worse) {
  const History history = the_same_each_day(130);
  const auto scored = score(ask_of(history, 30), kinds({"persistence", "yesterday"}), in_order, {});
  ASSERT_TRUE(scored);
  EXPECT_EQ(scored->best_baseline, "yesterday");
  const ModelScore& oracle = scored->models[1];
  EXPECT_NEAR(oracle.mae.value, 0, 1e-12);
  EXPECT_NEAR(oracle.rank, 1, 1e-12);
  for (const JobScore& job : oracle.jobs) {
    if (job.gated) continue;  // the gate wants more of the past than this one's first days have
    EXPECT_NEAR(job.kept.value, 1, 1e-4) << spell(job.policy);
    EXPECT_GT(job.oracle, 0.05);
    EXPECT_EQ(job.worse, 0);
  }
  // Persistence says that no time is better: it starts at once.
  for (const JobScore& job : scored->models[0].jobs) EXPECT_NEAR(job.kept.value, 0, 1e-9);
}

TEST(Score, errors_are_those_of_the_definition) {
  // A rise of 1 g/kWh an hour: yesterday is 24 g off up to 24 hours ahead, then 48.
  History history{*parse_utc("2021-01-04"), hours(1), {}};
  for (int i = 0; i < 24 * 120; ++i) history.values.push_back(grams_per_kwh(100 + i));
  const auto scored = score(ask_of(history, 20), kinds({"yesterday", "last-week"}), in_order, {});
  ASSERT_TRUE(scored);
  const double mean = 100 + 24 * 110 - 0.5;
  EXPECT_DOUBLE_EQ(scored->mean, mean);
  EXPECT_NEAR(scored->models[0].mae_by_hour[0], 24 / mean, 1e-12);
  EXPECT_NEAR(scored->models[0].mae_by_hour[47], 48 / mean, 1e-12);
  EXPECT_NEAR(scored->models[1].mae_by_hour[30], 168 / mean, 1e-12);
  EXPECT_NEAR(scored->models[0].against_baseline.value, 0, 1e-12);
  EXPECT_GT(scored->models[1].against_baseline.low, 3) << "168 against 24 and 48";
}

TEST(Score, the_gate_is_careful) {
  const History history = forecast::made(260, hours(1), 0.9, 60);
  ScoreAsk ask = ask_of(history, 60);
  const auto scored = score(ask, kinds({"mean-7-days"}), in_order, {});
  ASSERT_TRUE(scored);
  const std::vector<JobScore>& jobs = scored->models[0].jobs;
  ASSERT_EQ(jobs.size(), 4U);
  for (std::size_t i = 0; i < jobs.size(); i += 2) {
    EXPECT_FALSE(jobs[i].gated);
    EXPECT_TRUE(jobs[i + 1].gated);
    EXPECT_GT(jobs[i].worse, 0.05);
    EXPECT_LE(jobs[i + 1].worse, 0.03);
    EXPECT_LT(jobs[i + 1].kept.value, jobs[i].kept.value + 0.05);
    EXPECT_GT(jobs[i + 1].kept.value, 0);
    EXPECT_LE(jobs[i].kept.low, jobs[i].kept.value);
    EXPECT_GE(jobs[i].kept.high, jobs[i].kept.value);
  }
}

TEST(Score, nothing_that_came_later_is_in_a_forecast) {
  constexpr std::size_t kCut = 24UL * 105;
  History history = forecast::made(150, hours(1), 0.9, 40);
  const IssueAsk ask{history.all(), 24UL * 100, 24UL * 110, 60};
  const Issued before(ask, *forecast::find_forecaster("blend"), {});
  const std::vector<Intensity> said(before.at(kCut).begin(), before.at(kCut).end());
  for (std::size_t i = kCut; i < history.values.size(); ++i) history.values[i] *= 3;
  const Issued after(ask, *forecast::find_forecaster("blend"), {});
  EXPECT_TRUE(std::equal(said.begin(), said.end(), after.at(kCut).begin()));
  EXPECT_FALSE(std::equal(said.begin(), said.end(), after.at(kCut + 24).begin()));
}

TEST(Score, a_start_that_touches_a_gap_is_none) {
  constexpr std::size_t kHole = 24UL * 120;
  History history = the_same_each_day(130);
  const auto whole = starts_of(ask_of(history, 30), hours(6));
  history.values[kHole] = forecast::kUnknown;
  const auto holed = starts_of(ask_of(history, 30), hours(6));
  EXPECT_LT(holed.starts.size(), whole.starts.size());
  for (const std::size_t start : holed.starts) {
    EXPECT_TRUE(start + 30 <= kHole || start > kHole);
  }
}

TEST(Score, too_little_is_said) {
  const History history = forecast::made(100, hours(1), 0.9, 40);
  EXPECT_FALSE(score(ask_of(history, 13), kinds({"yesterday"}), in_order, {}));
  EXPECT_FALSE(score(ask_of(history, 30), kinds({"yesterday"}), in_order, {}));
}

TEST(RankCorrelation, is_spearmans) {
  EXPECT_DOUBLE_EQ(rank_correlation({1, 2, 3, 4}, {10, 100, 1000, 10000}), 1);
  EXPECT_DOUBLE_EQ(rank_correlation({1, 2, 3, 4}, {4, 3, 2, 1}), -1);
  EXPECT_NEAR(rank_correlation({1, 2, 2, 3}, {1, 2, 3, 4}), 0.948683298, 1e-9) << "ties";
  EXPECT_TRUE(std::isnan(rank_correlation({1, 1, 1}, {1, 2, 3})));
}

TEST(Climatology, is_the_quantiles_of_28_days) {
  History history{*parse_utc("2021-01-04"), hours(1), {}};
  for (int day = 0; day < 40; ++day) {
    for (int hour = 0; hour < 24; ++hour) history.values.push_back(grams_per_kwh(day + 1));
  }
  const auto said = climatology(history.all(), 30, 0.8);
  EXPECT_EQ(as_grams_per_kwh(said.low[0]), 13 + 3);  // of 13 .. 40, at 2.7 of 27
  EXPECT_EQ(as_grams_per_kwh(said.high[29]), 13 + 24);
}

TEST(Bootstrap, equal_weeks_leave_no_doubt_and_unequal_ones_do) {
  const auto mean = [](std::span<const double> sums) { return sums[0] / sums[1]; };
  const Spread sure = over_weeks(std::vector<WeekSums>(20, {3, 4}), mean);
  EXPECT_DOUBLE_EQ(sure.low, 0.75);
  EXPECT_DOUBLE_EQ(sure.high, 0.75);
  std::vector<WeekSums> weeks;
  weeks.reserve(50);
  for (int i = 0; i < 50; ++i) weeks.push_back({static_cast<double>(i % 2), 1});
  const Spread spread = over_weeks(weeks, mean);
  EXPECT_DOUBLE_EQ(spread.value, 0.5);
  // Two standard errors of a fair coin thrown 50 times.
  EXPECT_NEAR(spread.low, 0.5 - 2 * 0.0707, 0.03);
  EXPECT_NEAR(spread.high, 0.5 + 2 * 0.0707, 0.03);
  EXPECT_TRUE(std::isnan(over_weeks({}, mean).value));
}

}  // namespace
}  // namespace lowtide::study
