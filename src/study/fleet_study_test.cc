#include "study/fleet_study.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lowtide::study {
namespace {

using std::chrono::hours;

// Days that are dirty until noon and clean from then on.
Study days(std::size_t count) {
  Study study;
  study.begin = *parse_utc("2020-01-01");
  StudyRegion region;
  region.name = region.used.zone = "A";
  for (std::size_t t = 0; t < count * 288; ++t) {
    region.intensity.push_back(grams_per_kwh(t % 288 < 144 ? 400 : 100));
  }
  study.regions.push_back(region);
  StudyJob job;
  job.name = "6 h";
  job.work.assign(72, kwh(0.5));
  study.jobs = {job, job};
  study.jobs[1].name = "1 h";
  study.jobs[1].work.assign(12, kwh(0.5));
  return study;
}

FleetAsk ask_of(Duration every) {
  FleetAsk ask;
  ask.jobs = {0};
  ask.window = {"18h", hours(18), {}};
  ask.machines = {1, 2, 4};
  ask.every = every;
  return ask;
}

TEST(FleetStudy, arrivals_come_evenly_and_take_the_jobs_in_turn) {
  const Study study = days(1);
  FleetAsk ask = ask_of(hours(8));
  ask.jobs = {1, 0};
  const std::vector<FleetArrival> expected = {{0, 1}, {96, 0}, {192, 1}};
  EXPECT_EQ(arrivals_of(study, ask, 288), expected);
}

TEST(FleetStudy, arrivals_at_random_are_the_seeds_alone_and_as_many_as_said) {
  const Study study = days(1);
  FleetAsk ask = ask_of({});
  ask.a_day = 8;
  const std::size_t slots = 288'000;
  const auto once = arrivals_of(study, ask, slots);
  EXPECT_EQ(once, arrivals_of(study, ask, slots));
  EXPECT_NEAR(static_cast<double>(once.size()), 8000, 300);
  EXPECT_LT(once.back().slot, slots);
  // Exponential gaps: more than their mean in one of e.
  std::size_t longer = 0;
  for (std::size_t i = 1; i < once.size(); ++i) {
    if (once[i].slot - once[i - 1].slot > 36) ++longer;
  }
  EXPECT_NEAR(static_cast<double>(longer) / static_cast<double>(once.size()), std::exp(-1), 0.03);
  ask.seed = 2;
  EXPECT_NE(once, arrivals_of(study, ask, slots));
}

// A job every 6 h; the clean half of a day holds two on a machine.
TEST(FleetStudy, what_machines_allow_by_hand) {
  const Study study = days(3);
  const FleetAsk ask = ask_of(hours(6));
  const double dirty = 36.0 * 400;
  const double clean = 36.0 * 100;
  const auto many = fleet_row(study, ask, 0, 4);
  ASSERT_TRUE(many);
  EXPECT_EQ(many->arrived, 12U);
  EXPECT_EQ(many->dropped, 3U) << "their windows of 24 h leave the series";
  EXPECT_EQ(many->admitted, 9U);
  // At 0, 6, 12 and 18 h for two days, and at 0 h of the third.
  EXPECT_NEAR(as_grams(many->now), 5 * dirty + 4 * clean, 1e-6);
  EXPECT_NEAR(as_grams(many->independent), 9 * clean, 1e-6);
  EXPECT_NEAR(as_grams(many->plan), 9 * clean, 1e-6);
  EXPECT_EQ(many->gap_pct(), 0);
  EXPECT_DOUBLE_EQ(many->in_use, 9 * 72.0 / (4 * 3 * 288));
  const auto one = fleet_row(study, ask, 0, 1);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->admitted, 9U) << "each as it comes";
  EXPECT_NEAR(as_grams(one->independent), 9 * clean, 1e-6);
  EXPECT_GT(one->overload.slots, 0U);
  EXPECT_GT(one->overload.most, 1U);
  // Three afternoons hold two jobs each.
  EXPECT_NEAR(as_grams(one->plan), 3 * dirty + 6 * clean, 1e-6);
  EXPECT_LE(as_grams(one->bound), as_grams(one->plan) + 1e-6);
  EXPECT_LT(one->gap_pct(), 0.5);
  EXPECT_NEAR(one->plan_pct(), 100 * (1 - (3 * dirty + 6 * clean) / (5 * dirty + 4 * clean)), 1e-9);
}

TEST(FleetStudy, a_gap_drops_jobs_and_a_full_machine_refuses_them) {
  Study study = days(3);
  study.regions[0].intensity[300] = plan::kMissing;
  FleetAsk ask = ask_of(hours(2));
  const auto row = fleet_row(study, ask, 0, 1);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->arrived, 36U);
  // Windows of 288 slots: those that begin at 24 .. 288 hold slot 300, those after 576 leave.
  EXPECT_EQ(row->dropped, 12U + 11U);
  EXPECT_LT(row->admitted, row->arrived - row->dropped);
  EXPECT_GT(row->admitted, 0U);
  study.regions[0].intensity.assign(864, plan::kMissing);
  const auto none = fleet_row(study, ask, 0, 1);
  ASSERT_TRUE(none);
  EXPECT_EQ(none->admitted, 0U);
  EXPECT_TRUE(std::isnan(none->plan_pct())) << "not known, which is not 0";
}

TEST(FleetStudy, a_resume_costs_what_is_said_of_the_mean_power) {
  Study study = days(2);
  FleetAsk ask = ask_of(hours(24));
  // Clean hours with a dirty one between: pausing for it saves 12 x 0.5 x 300 = 1800 g.
  for (std::size_t t = 180; t < 192; ++t) study.regions[0].intensity[t] = grams_per_kwh(400);
  for (std::size_t t = 252; t < 576; ++t) study.regions[0].intensity[t] = grams_per_kwh(400);
  const auto free = fleet_row(study, ask, 0, 1);
  EXPECT_EQ(free->resumes, 1);
  ask.resume = hours(1);  // 6 kWh at 100 g
  const auto charged = fleet_row(study, ask, 0, 1);
  EXPECT_EQ(charged->resumes, 1);
  EXPECT_NEAR(as_grams(charged->plan - free->plan), 600, 1e-6);
  ask.resume = hours(4);
  EXPECT_EQ(fleet_row(study, ask, 0, 1)->resumes, 0);
}

TEST(FleetStudy, regions_are_added_up_by_their_sums) {
  Study study = days(3);
  study.regions.push_back(study.regions.front());
  for (Intensity& each : study.regions[1].intensity) each = each * 3;
  const FleetAsk ask = ask_of(hours(6));
  std::vector<FleetRow> rows;
  for (std::size_t region = 0; region < 2; ++region) {
    for (const std::size_t machines : ask.machines) {
      rows.push_back(*fleet_row(study, ask, region, machines));
    }
  }
  const auto sums = fleet_over_regions(rows);
  ASSERT_EQ(sums.size(), 3U);
  EXPECT_EQ(sums[0].machines, 1U);
  EXPECT_EQ(sums[0].admitted, 18U);
  EXPECT_EQ(sums[0].overload.slots, 2 * rows[0].overload.slots);
  EXPECT_EQ(sums[0].overload.most, rows[0].overload.most);
  EXPECT_DOUBLE_EQ(sums[0].in_use, rows[0].in_use);
  EXPECT_NEAR(as_grams(sums[0].plan), 4 * as_grams(rows[0].plan), 1e-6);
  EXPECT_NEAR(sums[0].plan_pct(), rows[0].plan_pct(), 1e-9);
  EXPECT_EQ(sums[2].machines, 4U);
}

}  // namespace
}  // namespace lowtide::study
