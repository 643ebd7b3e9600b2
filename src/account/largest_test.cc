#include "account/largest.h"

#include <gtest/gtest.h>

#include "account/testing_run.h"

namespace lowtide::account {
namespace {

ErrorTerm term(ErrorTermKind kind, double rel) {
  ErrorTerm out;
  out.kind = kind;
  out.low_rel = out.high_rel = rel;
  return out;
}

// An hour of two GPUs of 300 and 100 W and a modelled CPU of 50 W, all of it the job's.
TestRun three_devices(double gpu_gain, double cpu_model) {
  TestRun run(hours(1));
  run.gpu(watts(300)).gpu(watts(100));
  run.channel(ChannelKind::cpu, Source::model, {watts(50)}).constant(100).use(1);
  run.record.options.embodied = "none";
  run.record.options.idle = IdleRule::all;
  for (ChannelInfo& channel : run.record.channels) {
    channel.idle_power = watts(0);
    channel.errors = {channel.kind == ChannelKind::gpu ? term(ErrorTermKind::gain, gpu_gain)
                                                       : term(ErrorTermKind::model, cpu_model)};
  }
  return run;
}

LargestError largest_of(const TestRun& run) { return *derive(run.record, test_tables()).largest; }

TEST(LargestError, shares_of_one_cause_add_and_causes_compare_by_their_squares) {
  // 5 % of 400 W is 20 W; 60 % of 50 W is 30 W.
  const LargestError cpu = largest_of(three_devices(0.05, 0.6));
  EXPECT_EQ(cpu.cause, "model model");
  EXPECT_EQ(cpu.origins, (std::vector<std::string>{"cpu:0"}));
  EXPECT_NEAR(cpu.share, 900.0 / (900 + 400), 1e-9);
  EXPECT_NEAR(*cpu.high_rel, 0.6, 1e-9);
  EXPECT_NEAR(as_grams(*cpu.of_carbon), 5, 1e-9);
  const LargestError gpus = largest_of(three_devices(0.1, 0.6));
  EXPECT_EQ(gpus.cause, "nvml-counter gain");
  EXPECT_EQ(gpus.origins, (std::vector<std::string>{"gpu:0", "gpu:1"}));
  EXPECT_NEAR(gpus.share, 1600.0 / (900 + 1600), 1e-9);
  EXPECT_NEAR(*gpus.low_rel, 0.1, 1e-9);
}

TEST(LargestError, a_remedy_is_one_that_the_machine_can_follow) {
  TestRun run = three_devices(0.01, 0.6);
  EXPECT_EQ(largest_of(run).remedy, "") << "no sensor was denied here";
  run.record.events.push_back({*run.record.begin, "sensor-denied", "powercap: only root may"});
  EXPECT_NE(largest_of(run).remedy.find("lowtide doctor --fix"), std::string::npos);
  EXPECT_EQ(largest_of(three_devices(0.3, 0.1)).remedy, "") << "the gain is the maker's";
}

TEST(LargestError, of_carbon_the_intensity_and_the_hardware_count_too) {
  TestRun wide = three_devices(0.01, 0.01);
  wide.record.intensity[0].error_low_rel = wide.record.intensity[0].error_high_rel = 0.4;
  const LargestError intensity = largest_of(wide);
  EXPECT_EQ(intensity.origins, (std::vector<std::string>{"intensity"}));
  EXPECT_NEAR(*intensity.high_rel, 0.4, 1e-9);
  EXPECT_NEAR(as_grams(*intensity.of_carbon), 45, 1e-9);
  EXPECT_NE(intensity.remedy.find("--intensity"), std::string::npos);
  TestRun held = three_devices(0.01, 0.01);
  held.record.options.embodied = "auto";
  EXPECT_EQ(largest_of(held).cause, "embodied model");
}

TEST(LargestError, where_the_intensitys_error_is_not_known_it_is_of_the_energy) {
  TestRun run = three_devices(0.05, 0.6);
  run.record.intensity[0].error_low_rel.reset();
  const LargestError largest = largest_of(run);
  EXPECT_FALSE(largest.of_carbon);
  EXPECT_NEAR(as_kwh(*largest.of_energy), 0.05, 1e-9);
}

TEST(LargestError, a_hole_in_the_readings_is_a_cause_and_no_error_at_all_is_none) {
  TestRun run = three_devices(0.001, 0.001);
  for (ChannelSlot& slot : run.record.slots) slot.covered /= 2;
  EXPECT_NE(largest_of(run).remedy.find("events"), std::string::npos);
  EXPECT_FALSE(derive(three_devices(0, 0).record, test_tables()).largest);
}

}  // namespace
}  // namespace lowtide::account
