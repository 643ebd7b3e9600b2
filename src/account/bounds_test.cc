#include "account/bounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "account/derive.h"
#include "account/testing_run.h"

namespace lowtide::account {
namespace {

ErrorTerm gain(double rel) { return {ErrorTermKind::gain, rel, rel, {}, {}, {}, {}, "sheet"}; }

double high_wh(const Report& report) {
  return as_wh(*report.energy.total_high - *report.energy.total);
}

TEST(Bounds, like_sensors_add_linearly) {
  TestRun run(hours(1));
  run.gpu(watts(100)).gpu(watts(100));
  for (ChannelInfo& channel : run.record.channels) channel.errors = {gain(0.05)};
  EXPECT_NEAR(high_wh(derive(run.record, test_tables())), 10, 1e-9);
}

TEST(Bounds, devices_of_a_kind_stand_together) {
  TestRun run(hours(1));
  run.gpu(watts(100)).cpu(watts(40), watts(0)).gpu(watts(100)).use(1);
  for (ChannelInfo& channel : run.record.channels) channel.errors = {gain(0.05)};
  const auto kinds = derive(run.record, test_tables()).energy.kinds;
  ASSERT_EQ(kinds.size(), 2U);
  EXPECT_EQ(kinds[0].kind, ChannelKind::gpu);
  EXPECT_EQ(kinds[0].devices, 2U);
  EXPECT_NEAR(as_wh(kinds[0].charged), 200, 1e-9);
  EXPECT_NEAR(as_wh(kinds[0].high), 210, 1e-9);
}

TEST(Bounds, unlike_sources_and_unlike_errors_add_as_squares) {
  TestRun run(hours(1));
  run.gpu(watts(100)).cpu(watts(100), watts(0)).use(1);
  run.record.channels[0].errors = {gain(0.03)};
  run.record.channels[1].errors = {gain(0.04)};
  EXPECT_NEAR(high_wh(derive(run.record, test_tables())), 5, 1e-9);
  run.record.channels[1].errors = {};
  run.record.channels[0].errors = {gain(0.03),
                                   {ErrorTermKind::offset, 0.04, 0.04, {}, {}, {}, {}, "sheet"}};
  EXPECT_NEAR(high_wh(derive(run.record, test_tables())), 5, 1e-9);
}

TEST(Bounds, a_term_is_relative_plus_power_plus_once) {
  TestRun run(hours(2));
  run.gpu(watts(100));
  run.record.channels[0].errors = {
      {ErrorTermKind::offset, 0.1, 0.2, watts(1), watts(2), joules(3600), joules(7200), "sheet"}};
  const Report report = derive(run.record, test_tables());
  // Low: 20 + 1 x 2 + 1 Wh; high: 40 + 2 x 2 + 2 Wh, of 200 Wh.
  EXPECT_NEAR(as_wh(*report.energy.channels[0].low), 177, 1e-9);
  EXPECT_NEAR(as_wh(*report.energy.channels[0].high), 246, 1e-9);
  ASSERT_EQ(report.errors.size(), 1U + 1U);  // the offset, and embodied carbon of the GPU
  EXPECT_EQ(report.errors[0].origin, "gpu:0");
  EXPECT_NEAR(*report.errors[0].low_rel, 0.115, 1e-12);
  EXPECT_NEAR(*report.errors[0].high_rel, 0.23, 1e-12);
}

TEST(Bounds, an_error_of_the_device_reaches_the_run_by_its_part) {
  TestRun run(hours(1));
  run.cpu(watts(100), watts(0)).use(0.25);
  run.record.channels[0].errors = {
      {ErrorTermKind::offset, 0, 0, watts(8), watts(8), {}, {}, "sheet"}};
  EXPECT_NEAR(high_wh(derive(run.record, test_tables())), 2, 1e-9);
}

TEST(Bounds, energy_never_goes_below_nothing) {
  TestRun run(hours(1));
  run.gpu(watts(100));
  run.record.channels[0].errors = {gain(3)};
  EXPECT_EQ(derive(run.record, test_tables()).energy.channels[0].low, Energy{});
}

TEST(Bounds, average_pue_carries_its_half_width_and_ones_own_does_not) {
  TestRun run(hours(1));
  run.gpu(watts(1000));
  run.record.options.pue = 1.2;
  run.record.options.pue_source = "Azure global average 2024";
  run.record.options.pue_is_average = true;
  EXPECT_NEAR(high_wh(derive(run.record, test_tables())), 50, 1e-9);
  run.record.options.pue_source = "--pue";
  run.record.options.pue_is_average = false;
  EXPECT_NEAR(high_wh(derive(run.record, test_tables())), 0, 1e-9);
}

TEST(Bounds, carbon_joins_energy_and_intensity_errors_as_squares) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(100);
  run.record.options.embodied = "none";
  run.record.channels[0].errors = {gain(0.03)};
  run.record.intensity[0].error_low_rel = 0.04;
  run.record.intensity[0].error_high_rel = 0.4;
  const Report report = derive(run.record, test_tables());
  EXPECT_NEAR(as_grams(*report.carbon.low), 95, 1e-9);
  EXPECT_NEAR(as_grams(*report.carbon.high), 100 + std::hypot(3, 40), 1e-9);
}

// A part-time sensor's term after a run of so many seconds and steps.
double alias_after(double run_s, std::optional<double> steps) {
  std::vector<ErrorTerm> terms = {
      {ErrorTermKind::alias, 0.05, 0.05, {}, {}, {}, {}, "sheet", std::chrono::milliseconds(100)},
      gain(0.05)};
  widen_alias(terms, seconds(run_s), steps);
  EXPECT_DOUBLE_EQ(terms[1].high_rel, 0.05) << "no window, no alias";
  EXPECT_DOUBLE_EQ(terms[0].low_rel, terms[0].high_rel);
  return terms[0].high_rel;
}

TEST(Bounds, an_alias_is_wider_while_few_windows_have_averaged_it) {
  EXPECT_DOUBLE_EQ(alias_after(3600, {}), 0.05);
  EXPECT_DOUBLE_EQ(alias_after(40, {}), 0.05);
  EXPECT_DOUBLE_EQ(alias_after(10, {}), 0.1);
  EXPECT_DOUBLE_EQ(alias_after(0.1, {}), 0.65) << "never above what was seen";
}

TEST(Bounds, a_load_in_step_with_the_sensor_may_be_off_by_all_that_was_ever_seen) {
  EXPECT_DOUBLE_EQ(alias_after(100, 1000), 0.65) << "steps of 100 ms";
  EXPECT_DOUBLE_EQ(alias_after(100, 500), 0.65) << "200 ms";
  EXPECT_DOUBLE_EQ(alias_after(100, 2000), 0.65) << "50 ms";
  EXPECT_DOUBLE_EQ(alias_after(100, 1000.9), 0.65) << "less than a window of drift in all";
  EXPECT_DOUBLE_EQ(alias_after(100, 1003), 0.05) << "three windows of drift: it averages out";
  EXPECT_DOUBLE_EQ(alias_after(100, 700), 0.05);
  EXPECT_DOUBLE_EQ(alias_after(100, 1), 0.05) << "one step says nothing";
  EXPECT_DOUBLE_EQ(alias_after(1000, 100), 0.1) << "each step shows the same 100 windows";
  EXPECT_DOUBLE_EQ(alias_after(3600, 2), 0.05) << "a step of half an hour averages by itself";
}

TEST(Bounds, steps_that_the_job_counted_widen_its_bound) {
  TestRun run(hours(1));
  run.gpu(watts(100));
  run.record.options.embodied = "none";
  run.record.channels[0].errors = {
      {ErrorTermKind::alias, 0.05, 0.05, {}, {}, {}, {}, "sheet", std::chrono::milliseconds(100)}};
  EXPECT_NEAR(high_wh(derive(run.record, test_tables())), 5, 1e-9);
  run.record.counts["samples"] = 36000;
  EXPECT_NEAR(high_wh(derive(run.record, test_tables())), 5, 1e-9);
  run.record.counts["steps"] = 36000;
  EXPECT_NEAR(high_wh(derive(run.record, test_tables())), 65, 1e-9);
}

}  // namespace
}  // namespace lowtide::account
