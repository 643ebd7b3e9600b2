#include "study/beyond.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lowtide::study {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Two days of which the second half of each is clean.
Study two_days() {
  Study study;
  study.begin = *parse_utc("2020-01-01");
  StudyRegion region;
  region.name = region.used.zone = "A";
  for (int t = 0; t < 2 * 288; ++t) {
    region.intensity.push_back(grams_per_kwh(t % 288 < 144 ? 400 : 100));
  }
  study.regions.push_back(region);
  StudyJob job;
  job.name = "j";
  job.gpus = 2;
  job.work.assign(12, kwh(0.5));  // an hour at 6 kW
  study.jobs.push_back(job);
  study.windows = {{"12h", hours(12), {}}};
  study.rules = {{"noon and midnight", {}, {}, {0, 12}, {}}};
  return study;
}

BeyondAsk ask_of(plan::Machine machine) {
  BeyondAsk ask;
  ask.jobs = ask.windows = {0};
  ask.machines = {machine};
  return ask;
}

const BeyondRow& row_of(const std::vector<BeyondRow>& rows, plan::Policy policy) {
  return *std::find_if(rows.begin(), rows.end(),
                       [&](const BeyondRow& row) { return row.policy == policy; });
}

TEST(Beyond, what_saves_on_one_signal_may_cost_on_the_other) {
  const Study study = two_days();
  BeyondAsk ask = ask_of(plan::Machine::stays_on);
  auto& other = ask.other.emplace_back();
  for (int t = 0; t < 2 * 288; ++t) other.push_back(grams_per_kwh(t % 288 < 144 ? 200 : 300));
  const auto rows = beyond(study, ask, {0, 0});
  ASSERT_EQ(rows.size(), 3U);
  const BeyondRow& start = row_of(rows, plan::Policy::flexible_start);
  // Midnight, noon, midnight; noon of the second day has its window beyond the series.
  EXPECT_EQ(start.sums.starts, 3U);
  EXPECT_EQ(start.sums.shifted, 2U);
  EXPECT_DOUBLE_EQ(start.saving_pct(), 100 * (1 - (6.0 * 100 * 3) / (6.0 * (400 + 100 + 400))));
  EXPECT_DOUBLE_EQ(start.other_saving_pct(), 100 * (1 - (300.0 * 3) / (200.0 + 300 + 200)));
  EXPECT_DOUBLE_EQ(start.other_worse_pct(), 100 * 2 / 3.0);
  EXPECT_DOUBLE_EQ(start.sums.extra_money, 0);
}

TEST(Beyond, a_machine_that_is_held_pays_for_the_wait_and_one_that_is_released_does_not) {
  const Study study = two_days();
  BeyondAsk ask = ask_of(plan::Machine::held);
  ask.idle_share = 0.5;
  ask.hold_per_gpu_hour = grams(5);
  ask.price_per_gpu_hour = 2;
  const auto held = beyond(study, ask, {0, 0});
  ask.machines = {plan::Machine::released};
  const auto released = beyond(study, ask, {0, 0});
  // Waiting from midnight to noon: 12 h x (3 kW x 400 g/kWh + 10 g) is more than it saves.
  EXPECT_EQ(row_of(held, plan::Policy::flexible_start).sums.shifted, 0U);
  EXPECT_DOUBLE_EQ(row_of(held, plan::Policy::flexible_start).saving_pct(), 0);
  EXPECT_TRUE(std::isnan(row_of(held, plan::Policy::flexible_start).money_per_tonne()));
  // Lowest slots knows no charges: it waits, and pays.
  const BeyondRow& lowest = row_of(held, plan::Policy::lowest_slots);
  EXPECT_EQ(lowest.sums.shifted, 2U);
  const double wait = 12 * (3.0 * 400 + 10);
  EXPECT_NEAR(lowest.sums.then, 3 * 600 + 2 * wait, 1e-6);
  EXPECT_NEAR(lowest.sums.extra_money, 2 * 12 * 4, 1e-9) << "12 h of two GPUs at 2 an hour, twice";
  EXPECT_NEAR(row_of(released, plan::Policy::flexible_start).saving_pct(),
              100 * (1 - 3.0 * 600 / (600 + 2 * 2400)), 1e-9);
  EXPECT_DOUBLE_EQ(row_of(released, plan::Policy::exact).sums.extra_money, 0);
}

TEST(Beyond, regions_are_added_up_by_their_sums) {
  Study study = two_days();
  study.regions.push_back(study.regions.front());
  for (Intensity& each : study.regions[1].intensity) each = each * 3;
  const BeyondAsk ask = ask_of(plan::Machine::stays_on);
  std::vector<BeyondRow> rows = beyond(study, ask, {0, 0});
  for (const BeyondRow& row : beyond(study, ask, {1, 0})) rows.push_back(row);
  const auto sums = over_regions(rows);
  ASSERT_EQ(sums.size(), 3U);
  EXPECT_EQ(sums[0].sums.starts, 6U);
  EXPECT_DOUBLE_EQ(sums[0].sums.now, 4 * rows[0].sums.now);
  EXPECT_DOUBLE_EQ(sums[0].saving_pct(), rows[0].saving_pct());
}

}  // namespace
}  // namespace lowtide::study
