#include "account/derive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "account/testing_run.h"
#include "account/timeline.h"

namespace lowtide::account {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

double carbon_of(const Report& report) { return as_grams(report.carbon.operational.value()); }

// One hour, GPU at 300 W, CPU of 100 W with 40 W idle, the job has half of the machine's CPU time
// and a quarter of its cores; 400 g/kWh; PUE 1.2. Worked by hand:
//   GPU 300 Wh; CPU dynamic 60 Wh x 1/2 = 30 Wh; CPU idle 40 Wh x 1/4 = 10 Wh; IT 340 Wh
//   total 408 Wh; 0.408 kWh x 400 g/kWh = 163.2 g
TEST(Derive, hour_worked_by_hand) {
  TestRun run(hours(1));
  run.gpu(watts(300)).cpu(watts(100), watts(40)).use(0.5).cpus(16, 4).constant(400);
  run.record.options.pue = 1.2;
  const Report report = derive(run.record, test_tables());
  EXPECT_NEAR(as_wh(report.energy.it.value()), 340, 1e-9);
  EXPECT_NEAR(as_wh(report.energy.total.value()), 408, 1e-9);
  EXPECT_NEAR(as_wh(report.energy.active.value()), 330, 1e-9);
  EXPECT_NEAR(as_wh(report.energy.idle_charged.value()), 10, 1e-9);
  EXPECT_NEAR(as_wh(report.energy.idle_not_charged.value()), 30, 1e-9);
  EXPECT_NEAR(carbon_of(report), 163.2, 1e-9);
  EXPECT_EQ(report.energy.boundary, Boundary::facility);
  EXPECT_DOUBLE_EQ(report.energy.coverage, 1);
  ASSERT_EQ(report.energy.channels.size(), 2U);
  const ChannelCharge& cpu = report.energy.channels[1];
  EXPECT_NEAR(as_wh(cpu.device.value()), 100, 1e-9);
  EXPECT_NEAR(as_wh(cpu.job), 30, 1e-9);
  EXPECT_NEAR(as_wh(cpu.charged), 40, 1e-9);
  EXPECT_EQ(report.slots.size(), 12U);
}

// The paper's point: half an hour at 1000 W and 100 g/kWh, half an hour at 100 W and 700 g/kWh.
//   by slots: 0.5 kWh x 100 + 0.05 kWh x 700 = 85 g;  mean x mean: 0.55 kWh x 400 = 220 g
TEST(Derive, power_up_when_intensity_is_down_is_not_mean_times_mean) {
  TestRun run(hours(1));
  run.gpu({watts(1000), watts(100)}).intensity({100, 700});
  const Report report = derive(run.record, test_tables());
  EXPECT_NEAR(carbon_of(report), 85, 1e-9);
  const double product = as_kwh(*report.energy.it) * as_grams_per_kwh(*report.intensity[0].mean);
  EXPECT_NEAR(product, 220, 1e-9);
  EXPECT_GT(std::abs(product - carbon_of(report)) / carbon_of(report), 0.2);
  EXPECT_NEAR(as_grams_per_kwh(*report.intensity[0].energy_weighted), 85 / 0.55, 1e-9);
}

TEST(Derive, pue_is_applied_once_and_its_absence_is_not_facility) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(500);
  const Report without = derive(run.record, test_tables());
  EXPECT_EQ(without.energy.boundary, Boundary::gpu);
  EXPECT_EQ(without.energy.pue, std::nullopt);
  EXPECT_EQ(without.energy.total, without.energy.it);
  run.record.options.pue = 1.5;
  const Report with = derive(run.record, test_tables());
  EXPECT_NEAR(*with.energy.total / *without.energy.total, 1.5, 1e-12);
  EXPECT_NEAR(carbon_of(with) / carbon_of(without), 1.5, 1e-12);
  EXPECT_EQ(with.energy.boundary, Boundary::facility);
}

TEST(Derive, boundary_names_what_is_inside) {
  struct Case {
    std::vector<ChannelKind> kinds;
    std::optional<Boundary> expected;
  };
  const std::vector<Case> cases = {
      {{}, std::nullopt},
      {{ChannelKind::gpu}, Boundary::gpu},
      {{ChannelKind::cpu}, Boundary::it},
      {{ChannelKind::gpu, ChannelKind::dram}, Boundary::it},
      {{ChannelKind::node}, Boundary::node},
  };
  for (const Case& test : cases) {
    TestRun run(hours(1));
    for (const ChannelKind kind : test.kinds) run.channel(kind, Source::rapl, {watts(10)});
    EXPECT_EQ(derive(run.record, test_tables()).energy.boundary, test.expected);
  }
}

TEST(Derive, channel_outside_the_total_is_recorded_and_charged_nothing) {
  TestRun run(hours(1));
  run.gpu(watts(100)).channel(ChannelKind::psys, Source::rapl, {watts(500)}).constant(100);
  run.record.channels[1].in_total = false;
  const Report report = derive(run.record, test_tables());
  EXPECT_NEAR(as_wh(*report.energy.channels[1].device), 500, 1e-9);
  EXPECT_EQ(report.energy.channels[1].charged, Energy{});
  EXPECT_NEAR(as_wh(*report.energy.it), 100, 1e-9);
  EXPECT_NEAR(carbon_of(report), 10, 1e-9);
}

TEST(Derive, intensity_gap_is_not_zero_and_lowers_coverage) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).intensity({300, std::nullopt});
  run.record.intensity[0].error_low_rel = run.record.intensity[0].error_high_rel = 0.1;
  const Report report = derive(run.record, test_tables());
  EXPECT_NEAR(carbon_of(report), 150, 1e-9);  // of the half hour that is known
  EXPECT_NEAR(report.carbon.coverage, 0.5, 1e-12);
  EXPECT_NEAR(report.intensity[0].coverage, 0.5, 1e-12);
  EXPECT_EQ(report.slots.back().intensity, std::nullopt);
  EXPECT_EQ(report.slots.back().carbon, std::nullopt);
  EXPECT_TRUE(report.slots.back().energy.has_value());
  EXPECT_THAT(report.sci.note, HasSubstr("50 % of the energy"));
  // What the gap leaves open: 0.5 kWh at no more than 300 g/kWh, and 10 % of 150 g.
  EXPECT_NEAR(as_grams(*report.carbon.operational_high), 150 + std::hypot(150, 15), 1e-6);
  EXPECT_NEAR(as_grams(*report.carbon.operational_low), 135, 1e-6);
}

TEST(Derive, gap_inside_a_slot_cuts_the_slot) {
  TestRun run(std::chrono::minutes(5));
  run.gpu(watts(1200)).intensity({300, std::nullopt, 300, 300, 300});  // a minute each
  const Report report = derive(run.record, test_tables());
  ASSERT_EQ(report.slots.size(), 3U);
  EXPECT_EQ(report.slots[1].span.length(), std::chrono::minutes(1));
  EXPECT_EQ(report.slots[1].carbon, std::nullopt);
  EXPECT_NEAR(report.carbon.coverage, 0.8, 1e-12);
  EXPECT_NEAR(carbon_of(report), 0.1 * 0.8 * 300, 1e-9);
}

TEST(Derive, no_series_of_the_headline_signal_is_null_with_a_reason) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(300);
  run.record.options.headline = Signal::marginal;
  const Report report = derive(run.record, test_tables());
  EXPECT_EQ(report.carbon.operational, std::nullopt);
  EXPECT_EQ(report.carbon.total, std::nullopt);
  EXPECT_EQ(report.sci.value, std::nullopt);
  EXPECT_THAT(report.sci.note, HasSubstr("no marginal intensity"));
  EXPECT_TRUE(report.energy.it.has_value());
}

TEST(Derive, both_signals_stand_side_by_side) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(300).constant(800, Signal::marginal);
  const Report report = derive(run.record, test_tables());
  ASSERT_EQ(report.intensity.size(), 2U);
  EXPECT_TRUE(report.intensity[0].headline);
  EXPECT_FALSE(report.intensity[1].headline);
  EXPECT_NEAR(carbon_of(report), 300, 1e-9);
  EXPECT_NEAR(as_grams(*report.carbon.other_signal), 800, 1e-9);
}

TEST(Derive, other_signal_of_less_energy_is_not_shown_as_less_carbon) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(300).intensity({800, std::nullopt}, Signal::marginal);
  EXPECT_EQ(derive(run.record, test_tables()).carbon.other_signal, std::nullopt);
}

TEST(Derive, unread_time_is_a_gap_with_a_bound) {
  TestRun run(hours(1));
  run.gpu(watts(600)).constant(100);
  for (ChannelSlot& slot : run.record.slots) {  // every slot half read
    slot.device *= 0.5;
    slot.covered /= 2;
  }
  const Report report = derive(run.record, test_tables());
  EXPECT_NEAR(report.energy.channels[0].coverage, 0.5, 1e-12);
  EXPECT_NEAR(report.energy.coverage, 0.5, 1e-12);
  EXPECT_NEAR(as_wh(*report.energy.it), 300, 1e-9);
  EXPECT_NEAR(as_wh(*report.energy.channels[0].low), 300, 1e-9);
  EXPECT_NEAR(as_wh(*report.energy.channels[0].high), 600, 1e-9);
  EXPECT_THAT(report.sci.note, HasSubstr("50 % of the time"));
}

TEST(Derive, slot_of_which_nothing_was_read_is_a_gap_in_the_slots) {
  TestRun run(std::chrono::minutes(15));
  run.gpu(watts(600)).constant(100);
  run.record.slots.erase(run.record.slots.begin() + 1);
  const Report report = derive(run.record, test_tables());
  ASSERT_EQ(report.slots.size(), 3U);
  EXPECT_EQ(report.slots[1].energy, std::nullopt);
  EXPECT_EQ(report.slots[1].carbon, std::nullopt);
  EXPECT_EQ(report.slots[1].quality, Quality::gap);
  EXPECT_NEAR(report.energy.coverage, 2.0 / 3, 1e-12);
}

TEST(Derive, run_without_channels_has_no_figures_but_a_report) {
  TestRun run(hours(1));
  run.constant(300);
  const Report report = derive(run.record, test_tables());
  EXPECT_EQ(report.energy.it, std::nullopt);
  EXPECT_EQ(report.energy.boundary, std::nullopt);
  EXPECT_EQ(report.carbon.total, std::nullopt);
  EXPECT_THAT(report.sci.note, HasSubstr("no energy"));
  EXPECT_EQ(report.duration, hours(1));
}

TEST(Derive, times_of_paused_and_waiting_runs_add_up) {
  TestRun run(hours(1));
  run.gpu(watts(600)).constant(100);
  run.record.submitted = *run.record.begin - hours(2);
  for (std::size_t i = 6; i < 12; ++i) {
    run.record.slots[i].state = RunState::paused;
    run.record.slots[i].device = watts(60) * kSlot;
  }
  const Report report = derive(run.record, test_tables());
  EXPECT_EQ(report.duration, hours(1));
  EXPECT_EQ(report.paused, std::chrono::minutes(30));
  EXPECT_EQ(report.active, std::chrono::minutes(30));
  EXPECT_EQ(report.waiting, hours(2));
  EXPECT_NEAR(as_wh(*report.energy.active), 300, 1e-9);
  EXPECT_NEAR(as_wh(*report.energy.paused), 30, 1e-9);
  EXPECT_NEAR(as_wh(*report.energy.it), 330, 1e-9);
  EXPECT_EQ(report.slots.front().state, RunState::running);
  EXPECT_EQ(report.slots.back().state, RunState::paused);
}

TEST(Derive, the_timeline_knows_when_the_run_was_paused) {
  TestRun run(hours(1));
  run.gpu(watts(600)).constant(100);
  run.record.slots[0].state = RunState::waiting;
  for (std::size_t i = 6; i < 12; ++i) run.record.slots[i].state = RunState::paused;
  const Report report = derive(run.record, test_tables());
  std::vector<RunState> states;
  for (const TimelineStep& step : timeline(run.record, report, 4)) states.push_back(step.state);
  EXPECT_THAT(states, testing::ElementsAre(RunState::running, RunState::running, RunState::paused,
                                           RunState::paused));
  EXPECT_EQ(timeline(run.record, report, 12).front().state, RunState::waiting);
}

TEST(Derive, modelled_share_counts_modelled_energy_only) {
  TestRun run(hours(1));
  run.gpu(watts(300)).cpu(watts(100), watts(0)).use(1).constant(100);
  for (ChannelSlot& slot : run.record.slots) {
    if (slot.channel == 1) slot.quality = Quality::modelled;
  }
  const Report report = derive(run.record, test_tables());
  EXPECT_NEAR(*report.energy.modelled_share, 0.25, 1e-12);
  EXPECT_EQ(report.energy.channels[0].quality, Quality::measured);
  EXPECT_EQ(report.energy.channels[1].quality, Quality::modelled);
}

TEST(Derive, unknown_intensity_error_leaves_no_carbon_bounds_and_says_why) {
  TestRun run(hours(1));
  run.gpu(watts(300)).constant(100);
  run.record.intensity[0].error_low_rel.reset();
  const Report report = derive(run.record, test_tables());
  EXPECT_EQ(report.carbon.low, std::nullopt);
  EXPECT_EQ(report.carbon.high, std::nullopt);
  EXPECT_THAT(report.carbon.bounds_note, HasSubstr("not known"));
  EXPECT_TRUE(report.energy.total_low.has_value());
}

TEST(Derive, equivalents_are_of_the_total_with_their_edition) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(124);
  run.record.options.embodied = "none";
  const Report report = derive(run.record, {{{"phone charged", grams(12.4), "EPA 2024"}}});
  ASSERT_EQ(report.equivalents.size(), 1U);
  EXPECT_NEAR(report.equivalents[0].amount, 10, 1e-9);
  EXPECT_EQ(report.equivalents[0].edition, "EPA 2024");
}

TEST(Derive, assumptions_are_named) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(100);
  run.record.intensity[0].place_assumed = true;
  run.record.intensity[0].zone = "FR";
  run.record.intensity[0].resolved_by = "time zone Europe/Paris";
  const Report report = derive(run.record, test_tables());
  EXPECT_THAT(report.carbon.assumed, Contains(HasSubstr("FR by time zone Europe/Paris")));
  EXPECT_THAT(report.carbon.assumed, Contains(HasSubstr("embodied: gpu:0")));
}

TEST(Derive, a_place_that_nothing_tells_is_said_so) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(100);
  run.record.intensity[0].place_assumed = true;
  run.record.intensity[0].zone = run.record.intensity[0].resolved_by = "world";
  EXPECT_THAT(derive(run.record, test_tables()).carbon.assumed,
              Contains("place: world (nothing tells where this machine is; give --location)"));
}

TEST(Derive, the_length_of_a_run_that_has_just_begun_is_not_known) {
  TestRun run(hours(1));
  run.record.end.reset();
  run.record.state = RunState::running;
  const Report report = derive(run.record, test_tables());
  EXPECT_EQ(report.duration, std::nullopt);
  EXPECT_EQ(report.active, std::nullopt);
}

TEST(Derive, report_carries_no_bulk_of_the_record) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(100);
  const Report report = derive(run.record, test_tables());
  EXPECT_THAT(report.run.slots, IsEmpty());
  EXPECT_THAT(report.run.intensity, IsEmpty());
  EXPECT_TRUE(report.intensity[0].used.series.empty());
}

}  // namespace
}  // namespace lowtide::account
