#include "account/complete.h"

#include <gtest/gtest.h>

#include <cmath>

#include "account/derive.h"
#include "account/testing_run.h"

namespace lowtide::account {
namespace {

Report completed(TestRun& run, double share) {
  Report report = derive(run.record, test_tables());
  complete(report, {"part", share});
  return report;
}

double high_rel(Carbon value, Carbon high) { return (high - value) / value; }

TEST(Complete, flat_power_and_intensity_keep_the_relative_bounds) {
  TestRun run(hours(2));
  run.gpu(watts(1000)).constant(100);
  run.record.intensity[0].error_low_rel = run.record.intensity[0].error_high_rel = 0.1;
  const Report report = completed(run, 0.25);
  const Completion& whole = *report.complete;
  EXPECT_NEAR(as_kwh(*whole.total), 8, 1e-9);
  EXPECT_NEAR(as_grams(*whole.carbon.operational), 800, 1e-9);
  EXPECT_NEAR(as_grams(*whole.carbon.embodied), as_grams(*report.carbon.embodied) * 4, 1e-9);
  EXPECT_EQ(whole.duration, hours(8));
  EXPECT_NEAR(*whole.modelled_share, 0.75, 1e-12);
  EXPECT_NEAR(high_rel(*whole.carbon.total, *whole.carbon.high),
              high_rel(*report.carbon.total, *report.carbon.high), 1e-9);
}

// Half the time 1,500 W, half 500 W: one standard deviation is half the mean.
TEST(Complete, what_varies_in_the_part_widens_the_whole) {
  TestRun run(hours(2));
  run.gpu({watts(1500), watts(500)}).constant(100);
  run.record.options.embodied = "none";
  const Report report = completed(run, 0.25);
  const Completion& whole = *report.complete;
  const double rest = 3 * 1.96 * 0.5 * 200;  // factor - 1, of 200 g
  EXPECT_NEAR(as_grams(*whole.carbon.high), 800 + rest, 1e-6);
  EXPECT_NEAR(as_grams(*whole.carbon.low), std::max(200.0, 800 - rest), 1e-6);
  EXPECT_NEAR(*whole.errors[1].high_rel, 1.96 * 0.5 * 0.75, 1e-9);
}

TEST(Complete, an_unknown_error_stays_unknown) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(100);
  run.record.intensity[0].error_high_rel.reset();
  const Report report = completed(run, 0.5);
  EXPECT_EQ(report.complete->carbon.low, std::nullopt);
  EXPECT_EQ(report.complete->carbon.high, std::nullopt);
}

// How the rest may differ is not known then: that is no zero.
TEST(Complete, one_slot_shows_no_spread_and_the_whole_has_no_bounds) {
  TestRun run(std::chrono::minutes(4));
  run.gpu(watts(1000)).constant(100);
  run.record.intensity[0].error_low_rel = run.record.intensity[0].error_high_rel = 0.1;
  const Report report = completed(run, 0.5);
  EXPECT_TRUE(report.carbon.high.has_value());
  const Completion& whole = *report.complete;
  EXPECT_EQ(whole.errors[0].high_rel, std::nullopt);
  EXPECT_TRUE(whole.carbon.total.has_value());
  for (const auto& bound : {whole.carbon.low, whole.carbon.high, whole.sci.low, whole.sci.high}) {
    EXPECT_EQ(bound, std::nullopt);
  }
  EXPECT_EQ(whole.total_low, std::nullopt);
  EXPECT_EQ(whole.total_high, std::nullopt);
}

TEST(Complete, all_of_the_job_has_the_bounds_of_its_part) {
  TestRun run(std::chrono::minutes(4));
  run.gpu(watts(1000)).constant(100);
  const Report report = completed(run, 1);
  EXPECT_EQ(report.complete->total_high, report.energy.total_high);
}

TEST(Complete, nothing_known_is_nothing_extrapolated) {
  TestRun run(hours(1));
  const Report report = completed(run, 0.5);
  EXPECT_EQ(report.complete->total, std::nullopt);
  EXPECT_EQ(report.complete->carbon.total, std::nullopt);
  EXPECT_EQ(report.complete->sci.value, std::nullopt);
}

}  // namespace
}  // namespace lowtide::account
