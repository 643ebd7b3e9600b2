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

// A GPU of 300 W for half an hour and 100 W, its idle power, for the other.
TestRun shared_gpu(double part, double held, double busy) {
  TestRun run(hours(1));
  run.gpu({watts(300), watts(100)}).shared(part, held, busy);
  return run;
}

TEST(Charge, shared_gpu_is_charged_its_part_of_idle_and_its_utilisation) {
  const Charges gpu = charge(shared_gpu(1, 0.5, 0.75).record)[0];
  EXPECT_NEAR(as_wh(gpu.sum.job), 75, 1e-6);  // of 100 Wh above the idle power
  EXPECT_NEAR(as_wh(gpu.sum.idle_charged), 50, 1e-6);
  EXPECT_NEAR(as_wh(gpu.sum.idle_not_charged), 50, 1e-6);
  // Loaded, 30 % of 100 Wh, which is more than the 25 of them that are idle; resting, all 25 Wh.
  EXPECT_NEAR(as_wh(gpu.attribution_low), 55, 1e-6);
  EXPECT_NEAR(as_wh(gpu.attribution_high), 75, 1e-6);  // no more than the device's 200 Wh
  EXPECT_NE(gpu.sum.info.note.find("utilisation"), std::string::npos) << gpu.sum.info.note;
}

TEST(Charge, at_least_thirty_per_cent_of_a_shared_gpu_are_left_open) {
  const Charges gpu = charge(shared_gpu(1, 1, 0.99).record)[0];
  EXPECT_NEAR(as_wh(gpu.sum.charged), 199, 1e-6);
  // Of the busy half hour alone the bracket is wide enough: 100 Wh idle of 199 is open downwards.
  EXPECT_NEAR(as_wh(gpu.attribution_low), 100, 1e-6);
  EXPECT_NEAR(as_wh(gpu.attribution_high), 0.3 * 199, 1e-6);
}

TEST(Charge, time_alone_on_a_gpu_is_charged_whole) {
  const Charges gpu = charge(shared_gpu(0.25, 0.5, 0).record)[0];
  EXPECT_NEAR(as_wh(gpu.sum.job), 150, 1e-6);
  EXPECT_NEAR(as_wh(gpu.sum.idle_charged), 12.5, 1e-6);
  EXPECT_TRUE(charge(shared_gpu(0, 0.5, 0).record)[0].sum.info.note.empty());
}

TEST(Charge, device_that_rests_in_many_hands_is_shared_by_processes) {
  TestRun run = shared_gpu(1, 0.25, 0);
  for (ChannelSlot& slot : run.record.slots) slot.use->busy_all = Duration{};
  EXPECT_NEAR(as_wh(charge(run.record)[0].sum.charged), 50, 1e-6);
}

TEST(Charge, shared_gpu_of_which_no_utilisation_is_told_is_charged_whole_and_says_so) {
  const Charges gpu = charge(shared_gpu(1, 0.25, -1).record)[0];
  EXPECT_NEAR(as_wh(gpu.sum.charged), 200, 1e-6);
  EXPECT_NEAR(as_wh(gpu.attribution_low), 150, 1e-6);
  EXPECT_NE(gpu.sum.info.note.find("charged whole"), std::string::npos) << gpu.sum.info.note;
}

TEST(Charge, mig_instance_is_charged_its_slices) {
  TestRun run = shared_gpu(1, 0.5, -1);
  for (ChannelSlot& slot : run.record.slots) slot.use->part_ours = slot.use->shared * 2 / 8;
  const Charges gpu = charge(run.record)[0];
  EXPECT_NEAR(as_wh(gpu.sum.charged), 50, 1e-6);
  // Loaded, its part of the idle energy is left, 12.5 of 37.5 Wh; resting, 30 % are open.
  EXPECT_NEAR(as_wh(gpu.attribution_low), 25 + 0.3 * 12.5, 1e-6);
  EXPECT_NEAR(as_wh(gpu.attribution_high), 150, 1e-6);
}

TEST(Charge, gpu_that_only_others_held_is_not_charged_then) {
  EXPECT_NEAR(as_wh(charge(shared_gpu(1, 0, 0).record)[0].sum.charged), 0, 1e-6);
  EXPECT_NEAR(as_wh(charge(shared_gpu(1, 0, -1).record)[0].sum.charged), 0, 1e-6);
}

// Alone it drew 100 W and shared 700 W: spread evenly the slot says 300 W for both.
TEST(Charge, low_end_holds_a_time_alone_that_drew_little) {
  TestRun run(std::chrono::minutes(5));
  run.gpu(watts(300)).shared(1.0 / 3, 0.5, 0.1);
  run.record.slots[0].lowest = watts(100);
  const Charges gpu = charge(run.record)[0];
  const double truth = 100 * 200 + 0.1 * (700 - 100) * 100 + 0.5 * 100 * 100;
  EXPECT_GT(as_joules(gpu.sum.charged), truth);
  EXPECT_LE(as_joules(gpu.sum.charged - gpu.attribution_low), truth);
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

// Half an hour at 200 W and half an hour frozen at 100 W, of which the run reserves half.
TestRun frozen(std::optional<MachineWhilePaused> machine) {
  TestRun run(hours(1));
  run.channel(ChannelKind::cpu, Source::rapl, {watts(200), watts(100)}).cpus(64, 32);
  run.record.channels[0].idle_power = watts(80);
  run.gpu({watts(300), watts(70)});
  run.record.options.machine = machine;
  const Utc half = *run.record.begin + std::chrono::minutes(30);
  for (ChannelSlot& slot : run.record.slots) {
    if (slot.span.begin >= half) slot.state = RunState::paused;
  }
  run.record.use = {{{*run.record.begin, half}, RunState::running, hours(1), hours(1)},
                    {{half, *run.record.end}, RunState::paused, {}, hours(1)}};
  return run;
}

TEST(Charge, while_paused_the_share_of_a_held_machine_is_charged_and_nothing_dynamic) {
  for (const auto machine :
       {std::optional<MachineWhilePaused>{}, std::optional(MachineWhilePaused::held)}) {
    const auto charges = charge(frozen(machine).record);
    EXPECT_NEAR(as_wh(charges[0].sum.paused), 80 * 0.5 / 2, 1e-9);
    EXPECT_NEAR(as_wh(charges[0].sum.idle_charged), 80 * 0.5 / 2, 1e-9);
    EXPECT_NEAR(as_wh(charges[0].sum.job), 120 * 0.5, 1e-9);
    EXPECT_NEAR(as_wh(charges[1].sum.paused), 35, 1e-9);
    EXPECT_NEAR(as_wh(charges[1].sum.job), 150, 1e-9);
  }
}

TEST(Charge, a_machine_that_stays_on_or_is_given_back_charges_only_what_contexts_hold) {
  for (const auto machine : {MachineWhilePaused::stays_on, MachineWhilePaused::released}) {
    const auto charges = charge(frozen(machine).record);
    EXPECT_EQ(charges[0].sum.paused, Energy{});
    EXPECT_NEAR(as_wh(charges[0].sum.idle_charged), 20, 1e-9) << "while it ran it is as ever";
    EXPECT_NEAR(as_wh(charges[0].sum.idle_not_charged), 20 + 40, 1e-9);
    EXPECT_NEAR(as_wh(charges[1].sum.paused), 35, 1e-9);
  }
}

TEST(Charge, a_pause_whose_cpu_time_was_not_seen_has_none) {
  TestRun run = frozen(MachineWhilePaused::held);
  run.record.use.pop_back();
  EXPECT_NEAR(as_wh(charge(run.record)[0].sum.paused), 20, 1e-9);
}

}  // namespace
}  // namespace lowtide::account
