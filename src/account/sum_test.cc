#include "account/sum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "account/derive.h"
#include "account/live.h"
#include "account/testing_run.h"
#include "account/timeline.h"

namespace lowtide::account {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Report gpu_report(const std::string& id, double power_w) {
  TestRun run(hours(1));
  run.gpu(watts(power_w)).constant(100);
  run.record.id = id;
  run.record.options.embodied = "none";
  run.record.channels[0].errors = {{ErrorTermKind::gain, 0.1, 0.1, {}, {}, {}, {}, "sheet"}};
  return derive(run.record, test_tables());
}

TEST(Sum, adds_energy_carbon_and_time_of_failed_runs_too) {
  std::vector<Report> reports = {gpu_report("a", 1000), gpu_report("b", 3000)};
  reports[1].run.state = RunState::failed;
  const auto total = sum(reports);
  ASSERT_TRUE(total);
  EXPECT_EQ(total->runs, 2U);
  EXPECT_EQ(total->states.at(RunState::failed), 1U);
  EXPECT_NEAR(as_kwh(*total->it), 4, 1e-9);
  EXPECT_NEAR(as_grams(*total->operational), 400, 1e-9);
  EXPECT_EQ(total->duration, hours(2));
  EXPECT_EQ(total->boundary, Boundary::gpu);
}

TEST(Sum, gain_errors_of_two_runs_do_not_shrink) {
  const std::vector<Report> reports = {gpu_report("a", 1000), gpu_report("b", 3000)};
  const auto total = sum(reports);
  EXPECT_NEAR(as_grams(*total->high), 440, 1e-9);
  EXPECT_NEAR(as_kwh(*total->total_low), 3.6, 1e-9);
}

TEST(Sum, phases_go_by_state_then_tag) {
  RunRecord run;
  for (const auto& [state, tag, phase] :
       {std::tuple{RunState::finished, "", Phase::exploration},
        std::tuple{RunState::finished, "final", Phase::final},
        std::tuple{RunState::running, "final", Phase::final},
        std::tuple{RunState::finished, "warm-up", Phase::exploration},
        std::tuple{RunState::failed, "final", Phase::failures},
        std::tuple{RunState::killed, "", Phase::failures},
        std::tuple{RunState::interrupted, "", Phase::failures},
        std::tuple{RunState::cancelled, "", Phase::failures}}) {
    run.state = state;
    run.tags["phase"] = tag;
    EXPECT_EQ(phase_of(run), phase) << spell(state) << tag;
  }
}

TEST(Sum, phases_add_up_to_the_whole_though_they_share_a_device) {
  std::vector<Report> reports = {gpu_report("a", 1000), gpu_report("b", 3000),
                                 gpu_report("c", 500)};
  for (Report& report : reports) {
    report.run.host = "node";
    report.energy.channels[0].info.uuid = "GPU-1";  // all of them used it at the same time
  }
  reports[1].run.state = RunState::failed;
  reports[2].run.tags["phase"] = "final";
  const auto total = sum(reports);
  ASSERT_TRUE(total);
  ASSERT_EQ(total->phases.size(), 3U);
  Energy energy;
  Carbon carbon;
  std::size_t runs = 0;
  for (const Sum& phase : total->phases) {
    EXPECT_EQ(phase.runs, 1U);
    EXPECT_TRUE(phase.phases.empty());
    runs += phase.runs;
    energy += *phase.total;
    carbon += *phase.total_carbon;
  }
  EXPECT_EQ(runs, total->runs);
  EXPECT_NEAR(as_kwh(energy), as_kwh(*total->total), 1e-12);
  EXPECT_NEAR(as_grams(carbon), as_grams(*total->total_carbon), 1e-9);
  EXPECT_NEAR(as_kwh(energy), 3, 1e-9);
}

TEST(Sum, operational_bounds_leave_the_embodied_ones_out) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(100);
  run.record.channels[0].errors = {{ErrorTermKind::gain, 0.1, 0.1, {}, {}, {}, {}, "sheet"}};
  const std::vector<Report> reports = {derive(run.record, test_tables())};
  const auto total = sum(reports);
  EXPECT_NEAR(as_grams(*total->operational_high), 110, 1e-9);
  EXPECT_EQ(total->operational_low, reports[0].carbon.operational_low);
  EXPECT_GT(*total->high, *total->operational_high);
}

TEST(Sum, unlike_boundaries_are_refused_unless_mixing_is_asked_for) {
  std::vector<Report> reports = {gpu_report("a", 1000), gpu_report("b", 1000)};
  reports[1].energy.boundary = Boundary::it;
  const auto refused = sum(reports);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().line(), HasSubstr("--mixed-boundary"));
  const auto mixed = sum(reports, {.mixed_boundary = true});
  ASSERT_TRUE(mixed);
  EXPECT_EQ(mixed->boundary, std::nullopt);
  EXPECT_THAT(mixed->note, HasSubstr("mixed"));
}

TEST(Sum, unlike_series_are_refused_always) {
  for (const int what : {0, 1, 2}) {
    std::vector<Report> reports = {gpu_report("a", 1000), gpu_report("b", 1000)};
    IntensityUsed& used = reports[1].intensity[0].used;
    if (what == 0) used.signal = Signal::marginal;
    if (what == 1) used.scope = Scope::direct;
    if (what == 2) used.gas = Gas::co2;
    EXPECT_FALSE(sum(reports, {.mixed_boundary = true})) << what;
  }
}

TEST(Sum, run_inside_another_and_run_named_twice_count_once) {
  std::vector<Report> reports = {gpu_report("a", 1000), gpu_report("b", 3000),
                                 gpu_report("a", 1000)};
  reports[1].run.parent = "a";
  const auto total = sum(reports);
  ASSERT_TRUE(total);
  EXPECT_EQ(total->runs, 1U);
  EXPECT_THAT(total->left_out, ElementsAre("b"));
  EXPECT_NEAR(as_kwh(*total->it), 1, 1e-9);
}

TEST(Sum, run_without_carbon_is_said) {
  std::vector<Report> reports = {gpu_report("a", 1000), gpu_report("b", 1000)};
  reports[1].carbon.operational.reset();
  reports[1].carbon.total.reset();
  EXPECT_THAT(sum(reports)->note, HasSubstr("1 without carbon"));
}

TEST(Sum, run_without_carbon_adds_no_embodied_carbon_either) {
  TestRun run(hours(1));
  run.gpu(watts(1000));
  const std::vector<Report> reports = {gpu_report("b", 1000), derive(run.record, test_tables())};
  const auto total = sum(reports);
  EXPECT_TRUE(reports[1].carbon.embodied.has_value());
  EXPECT_EQ(total->embodied, std::nullopt);
  EXPECT_EQ(total->total_carbon, reports[0].carbon.total);
  EXPECT_EQ(total->high, reports[0].carbon.high);
}

TEST(Live, agrees_with_the_report) {
  TestRun run(hours(1));
  run.gpu({watts(1000), watts(100)}).cpu(watts(100), watts(40)).use(0.5).cpus(16, 4);
  run.intensity({100, 700});
  run.record.options.pue = 1.2;
  run.record.options.per = "hour";
  const Report report = derive(run.record, test_tables());
  const Live now = live(run.record, test_tables());
  EXPECT_EQ(now.elapsed, hours(1));
  EXPECT_NEAR(as_joules(*now.energy), as_joules(*report.energy.total), 1e-6);
  EXPECT_NEAR(as_grams(*now.operational), as_grams(*report.carbon.operational), 1e-9);
  EXPECT_NEAR(as_grams(*now.sci), as_grams(*report.sci.value), 1e-9);
  EXPECT_NEAR(as_watts(*now.power), 140, 1e-9);
  EXPECT_NEAR(as_grams_per_kwh(*now.intensity), 700, 1e-9);
}

Live part_after_part(const RunRecord& record) {
  Live so_far;
  for (const ChannelSlot& slot : record.slots) {
    RunRecord part = record;
    part.end.reset();
    part.slots = {slot};
    so_far = live(part, test_tables(), so_far);
  }
  return so_far;
}

// Issue 4: the live line left the energy of a gap out of its SCI, which the report prices.
TEST(Live, energy_in_an_intensity_gap_is_priced_as_in_the_report) {
  TestRun run(hours(1));
  run.gpu({watts(1000), watts(100), watts(400), watts(250)}).intensity({100, {}, 700, {}});
  run.record.options.pue = 1.2;
  const Report report = derive(run.record, test_tables());
  const Live now = live(run.record, test_tables());
  EXPECT_NEAR(as_grams(*now.operational), as_grams(*report.carbon.operational), 1e-9);
  EXPECT_NEAR(as_grams(*now.sci), as_grams(*report.sci.value), 1e-9);
  EXPECT_GT(*now.sci, *report.carbon.total);
  const Live so_far = part_after_part(run.record);
  EXPECT_NEAR(as_grams(*so_far.sci), as_grams(*report.sci.value), 1e-9);
}

TEST(Live, part_after_part_is_the_whole) {
  TestRun run(hours(1));
  run.gpu({watts(1000), watts(100)}).intensity({100, 700});
  const Live whole = live(run.record, test_tables());
  const Live so_far = part_after_part(run.record);
  EXPECT_EQ(so_far.elapsed, whole.elapsed);
  EXPECT_EQ(so_far.active, whole.active);
  EXPECT_NEAR(as_grams(*so_far.operational), as_grams(*whole.operational), 1e-9);
  EXPECT_NEAR(as_grams(*so_far.sci), as_grams(*whole.sci), 1e-9);
}

TEST(Live, power_is_that_of_the_newest_sample) {
  TestRun run(std::chrono::minutes(5));
  run.cpu(watts(100), watts(0)).use(0.5);
  const Utc end = *run.record.end;
  run.record.samples = {
      {0, {end - std::chrono::seconds(1), end}, joules(300), {}, {}},
      {0, {end - std::chrono::seconds(2), end - std::chrono::seconds(1)}, joules(9), {}, {}}};
  EXPECT_NEAR(as_watts(*live(run.record, test_tables()).power), 150,
              1e-9);  // half of the machine is the job's
}

TEST(Live, nothing_read_is_nothing_known) {
  TestRun run(hours(1));
  run.record.end.reset();
  const Live now = live(run.record, test_tables());
  EXPECT_EQ(now.energy, std::nullopt);
  EXPECT_EQ(now.operational, std::nullopt);
  EXPECT_EQ(now.sci, std::nullopt);
}

TEST(Timeline, samples_show_the_shape_inside_a_slot) {
  TestRun run(std::chrono::minutes(2));
  run.cpu(watts(100), watts(0)).use(0.5).constant(360);
  const Utc begin = *run.record.begin;
  const Utc middle = begin + std::chrono::minutes(1);
  run.record.samples = {
      {0, {begin, middle}, watts(150) * std::chrono::minutes(1), {}, {}},
      {0, {middle, *run.record.end}, watts(50) * std::chrono::minutes(1), {}, {}}};
  const Report report = derive(run.record, test_tables());
  const auto line = timeline(run.record, report, 4);
  ASSERT_EQ(line.size(), 4U);
  EXPECT_NEAR(as_watts(*line[1].power), 75, 1e-6);  // half of the machine is the job's
  EXPECT_NEAR(as_watts(*line[2].power), 25, 1e-6);
  EXPECT_NEAR(as_grams(*line[1].cumulative), 75.0 / 60 / 1000 * 360, 1e-6);
  EXPECT_NEAR(as_grams(*line[3].cumulative), as_grams(*report.carbon.operational), 1e-9);
}

TEST(Timeline, says_what_of_the_power_is_modelled_and_where_a_channel_is_missing) {
  TestRun run(std::chrono::minutes(10));
  run.gpu(watts(100)).channel(ChannelKind::node, Source::model, {watts(40)}).constant(100);
  for (ChannelSlot& slot : run.record.slots) {
    if (slot.channel == 1) slot.quality = Quality::modelled;
  }
  run.record.slots.erase(run.record.slots.begin() + 1);  // the second slot of the GPU
  const auto line = timeline(run.record, derive(run.record, test_tables()), 2);
  EXPECT_NEAR(as_watts(*line[0].power), 140, 1e-6);
  EXPECT_NEAR(as_watts(line[0].modelled), 40, 1e-6);
  EXPECT_EQ(line[0].filled, Power{});
  EXPECT_FALSE(line[0].partial);
  EXPECT_TRUE(line[1].partial);
  EXPECT_NEAR(as_watts(*line[1].power), 40, 1e-6);
}

TEST(Timeline, half_read_slot_keeps_its_power) {
  TestRun run(std::chrono::minutes(10));
  run.gpu(watts(100)).constant(100);
  run.record.slots[1].covered /= 2;
  run.record.slots[1].device *= 0.5;
  const auto line = timeline(run.record, derive(run.record, test_tables()), 2);
  EXPECT_NEAR(as_watts(*line[1].power), 100, 1e-6);
}

TEST(Timeline, gap_stays_a_gap) {
  TestRun run(std::chrono::minutes(15));
  run.gpu(watts(100)).intensity({100, std::nullopt, 100});
  run.record.slots.erase(run.record.slots.begin() + 1);
  const auto line = timeline(run.record, derive(run.record, test_tables()), 3);
  EXPECT_TRUE(line[0].power && line[0].intensity);
  EXPECT_FALSE(line[1].power || line[1].intensity);
  EXPECT_EQ(line[1].cumulative, line[0].cumulative);
  EXPECT_TRUE(line[2].power && line[2].intensity);
}

}  // namespace
}  // namespace lowtide::account
