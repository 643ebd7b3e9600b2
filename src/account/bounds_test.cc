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

}  // namespace
}  // namespace lowtide::account
