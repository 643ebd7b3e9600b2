#include "account/charge.h"

#include <gtest/gtest.h>

#include "account/testing_run.h"

namespace lowtide::account {
namespace {

TEST(Charge, gpu_is_charged_whole_under_any_idle_rule) {
  for (const IdleRule rule : {IdleRule::reserved, IdleRule::all, IdleRule::none}) {
    TestRun run(hours(1));
    run.gpu(watts(250)).use(0.1).cpus(64, 2);
    run.record.options.idle = rule;
    const Charges gpu = charge(run.record)[0];
    EXPECT_NEAR(as_wh(gpu.sum.charged), 250, 1e-9);
    EXPECT_NEAR(as_wh(gpu.sum.job), 250, 1e-9);
    EXPECT_EQ(gpu.sum.idle_charged, Energy{});
  }
}

// A CPU of 100 W, 40 W of it idle; the job has half of the CPU time and a quarter of the cores.
TEST(Charge, idle_goes_by_the_rule_and_dynamic_by_cpu_time) {
  struct Case {
    IdleRule rule;
    double idle_charged_wh, idle_not_charged_wh, charged_wh;
  };
  for (const Case& test : {Case{IdleRule::reserved, 10, 30, 40}, Case{IdleRule::all, 40, 0, 70},
                           Case{IdleRule::none, 0, 40, 30}}) {
    TestRun run(hours(1));
    run.cpu(watts(100), watts(40)).use(0.5).cpus(16, 4);
    run.record.options.idle = test.rule;
    const ChannelCharge sum = charge(run.record)[0].sum;
    EXPECT_NEAR(as_wh(sum.job), 30, 1e-9);
    EXPECT_NEAR(as_wh(sum.idle_charged), test.idle_charged_wh, 1e-9);
    EXPECT_NEAR(as_wh(sum.idle_not_charged), test.idle_not_charged_wh, 1e-9);
    EXPECT_NEAR(as_wh(sum.charged), test.charged_wh, 1e-9);
  }
}

TEST(Charge, memory_idle_goes_by_memory_reserved) {
  TestRun run(hours(1));
  run.channel(ChannelKind::dram, Source::rapl, {watts(20)}).use(0.5).cpus(16, 16);
  run.record.channels[0].idle_power = watts(20);
  run.record.machine.memory_gb = 64;
  run.record.machine.memory_reserved_gb = 16;
  EXPECT_NEAR(as_wh(charge(run.record)[0].sum.charged), 5, 1e-9);
}

TEST(Charge, measured_idle_is_never_above_the_lowest_power_seen) {
  TestRun run(hours(1));
  run.channel(ChannelKind::cpu, Source::rapl, {watts(100), watts(30)}).use(1).cpus(2, 1);
  run.record.channels[0].idle_power = watts(50);
  const ChannelCharge sum = charge(run.record)[0].sum;
  EXPECT_NEAR(as_wh(sum.idle_charged + sum.idle_not_charged), 30, 1e-9);
}

TEST(Charge, a_model_keeps_its_own_idle_power) {
  TestRun run(hours(1));
  run.channel(ChannelKind::cpu, Source::model, {watts(100), watts(60)}).use(1).cpus(2, 2);
  run.record.channels[0].idle_power = watts(50);
  for (ChannelSlot& slot : run.record.slots) slot.lowest = watts(1);  // its clock, not its draw
  const ChannelCharge sum = charge(run.record)[0].sum;
  EXPECT_NEAR(as_wh(sum.idle_charged), 50, 1e-9);
  EXPECT_NEAR(as_wh(sum.job), 30, 1e-9);
}

TEST(Charge, idle_is_never_more_than_the_device_used) {
  TestRun run(hours(1));
  run.channel(ChannelKind::cpu, Source::model, {watts(10)}).use(1).cpus(2, 2);
  run.record.channels[0].idle_power = watts(50);
  EXPECT_NEAR(as_wh(charge(run.record)[0].sum.charged), 10, 1e-9);
}

TEST(Charge, job_clock_ahead_of_the_machine_clock_is_the_whole_machine) {
  TestRun run(hours(1));
  run.cpu(watts(100), watts(0)).use(1.5).cpus(2, 2);
  EXPECT_NEAR(as_wh(charge(run.record)[0].sum.job), 100, 1e-9);
}

TEST(Charge, each_slot_has_its_own_share_of_cpu_time) {
  TestRun run(std::chrono::minutes(10));
  run.channel(ChannelKind::cpu, Source::rapl, {watts(120), watts(60)}).use(1).cpus(2, 2);
  run.record.channels[0].idle_power = watts(0);
  run.record.use[1].job_cpu = Duration{};  // 5 min of 120 W all the job's, 5 min of 60 W not
  EXPECT_NEAR(as_wh(charge(run.record)[0].sum.job), 10, 1e-9);
}

TEST(Charge, slot_without_use_takes_the_share_of_the_run) {
  TestRun run(std::chrono::minutes(10));
  run.cpu(watts(60), watts(0)).use(0.5).cpus(2, 2);
  run.record.use.pop_back();
  EXPECT_NEAR(as_wh(charge(run.record)[0].sum.job), 5, 1e-9);
}

TEST(Charge, use_that_was_never_seen_leaves_the_dynamic_part_open_downwards) {
  TestRun run(hours(1));
  run.cpu(watts(100), watts(40)).cpus(2, 2);
  const Charges cpu = charge(run.record)[0];
  EXPECT_NEAR(as_wh(cpu.sum.job), 60, 1e-9);
  EXPECT_NEAR(as_wh(cpu.attribution_low), 60, 1e-9);
}

// The job runs flat out: the lowest power seen says little of idle. Charged: 100 W x 1/4; with no
// idle at all it were 100 W x 1/2.
TEST(Charge, idle_power_that_is_not_known_is_an_attribution_error) {
  TestRun run(hours(1));
  run.channel(ChannelKind::cpu, Source::rapl, {watts(100)}).use(0.5).cpus(16, 4);
  const Charges cpu = charge(run.record)[0];
  EXPECT_NEAR(as_wh(cpu.sum.charged), 25, 1e-9);
  EXPECT_NEAR(as_wh(cpu.attribution_high), 25, 1e-9);
  EXPECT_EQ(cpu.attribution_low, Energy{});
  run.record.channels[0].idle_power = watts(100);
  EXPECT_EQ(charge(run.record)[0].attribution_high, Energy{});
}

TEST(Charge, paused_and_waiting_hold_all_that_is_charged_then) {
  TestRun run(std::chrono::minutes(15));
  run.cpu(watts(100), watts(40)).use(1).cpus(2, 2);
  run.record.slots[0].state = RunState::waiting;
  run.record.slots[2].state = RunState::paused;
  const ChannelCharge sum = charge(run.record)[0].sum;
  EXPECT_NEAR(as_wh(sum.waiting), 100.0 / 12, 1e-9);
  EXPECT_NEAR(as_wh(sum.paused), 100.0 / 12, 1e-9);
  EXPECT_NEAR(as_wh(sum.job), 60.0 / 12, 1e-9);
  EXPECT_NEAR(as_wh(sum.idle_charged), 40.0 / 12, 1e-9);
}

TEST(Charge, worst_quality_that_contributed_is_the_channels) {
  TestRun run(std::chrono::minutes(15));
  run.gpu(watts(100));
  run.record.slots[0].quality = Quality::spread;
  run.record.slots[1].quality = Quality::bridged;
  run.record.slots[2].quality = Quality::gap;  // contributes nothing
  run.record.slots[2].covered = Duration{};
  run.record.slots[2].device = Energy{};
  EXPECT_EQ(charge(run.record)[0].sum.quality, Quality::spread);
}

TEST(Charge, channel_that_was_never_read_is_unknown_not_zero) {
  TestRun run(hours(1));
  run.gpu(watts(100));
  run.record.slots.clear();
  const ChannelCharge sum = charge(run.record)[0].sum;
  EXPECT_EQ(sum.device, std::nullopt);
  EXPECT_EQ(sum.quality, Quality::gap);
}

}  // namespace
}  // namespace lowtide::account
