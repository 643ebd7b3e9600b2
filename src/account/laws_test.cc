// Laws that hold for any run.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "account/bounds.h"
#include "account/derive.h"
#include "account/sum.h"
#include "account/testing_run.h"
#include "account/timeline.h"

namespace lowtide::account {
namespace {

bool close(double a, double b) { return std::abs(a - b) <= 1e-9 * (std::abs(a) + std::abs(b) + 1); }

double any(int low, int high) { return *rc::gen::inRange(low, high + 1); }

// A run of 1 to 40 minutes that begins anywhere in a slot, with a GPU, a shared CPU and memory.
TestRun any_run() {
  const Utc begin(std::chrono::seconds(1'767'571'200 + *rc::gen::inRange(0, 300)));
  TestRun run(std::chrono::seconds(*rc::gen::inRange(60, 2400)), begin);
  run.gpu({watts(any(1, 700)), watts(any(1, 700)), watts(any(1, 700))});
  run.channel(ChannelKind::cpu, Source::rapl, {watts(any(50, 200)), watts(any(50, 200))});
  run.record.channels.back().errors = {{ErrorTermKind::gain, 0.03, 0.03, {}, {}, {}, {}, "r"}};
  run.channel(ChannelKind::dram, Source::model, {watts(any(1, 30))});
  run.record.channels.back().errors = {{ErrorTermKind::model, 0.5, 0.5, {}, {}, {}, {}, "m"}};
  run.use(any(0, 100) / 100).cpus(16, any(1, 16));
  run.record.machine.memory_gb = 64;
  run.record.machine.memory_reserved_gb = any(1, 64);
  if (*rc::gen::arbitrary<bool>()) run.record.options.pue = 1 + any(0, 100) / 100;
  return run;
}

std::vector<std::optional<double>> any_intensity() {
  std::vector<std::optional<double>> parts;
  const int count = *rc::gen::inRange(1, 9);
  parts.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    parts.push_back(*rc::gen::inRange(0, 5) == 0 ? std::nullopt : std::optional(any(0, 900)));
  }
  return parts;
}

Report derived(const TestRun& run) { return derive(run.record, test_tables()); }

TEST(Laws, parts_sum_to_the_whole) {
  EXPECT_TRUE(rc::check([] {
    TestRun run = any_run();
    run.intensity(any_intensity());
    const Report report = derived(run);
    const EnergyReport& energy = report.energy;
    double channels = 0;
    for (const ChannelCharge& channel : energy.channels) {
      channels += as_joules(channel.charged);
      RC_ASSERT(
          close(as_joules(channel.charged),
                as_joules(channel.job + channel.paused + channel.waiting + channel.idle_charged)));
      RC_ASSERT(channel.charged + channel.idle_not_charged <= *channel.device * (1 + 1e-12));
    }
    RC_ASSERT(close(channels, as_joules(*energy.it)));
    RC_ASSERT(close(channels, as_joules(*energy.active + *energy.paused + *energy.waiting +
                                        *energy.idle_charged)));
    double slots = 0;
    double carbon = 0;
    Utc at = *run.record.begin;
    for (const SlotReport& slot : report.slots) {
      RC_ASSERT(slot.span.begin == at);
      at = slot.span.end;
      slots += as_joules(slot.energy.value());
      carbon += as_grams(slot.carbon.value_or(Carbon{}));
    }
    RC_ASSERT(at == *run.record.end);
    RC_ASSERT(close(slots, as_joules(*energy.it)));
    RC_ASSERT(close(carbon, as_grams(report.carbon.operational.value_or(Carbon{}))));
  }));
}

TEST(Laws, constant_intensity_makes_the_join_a_product) {
  EXPECT_TRUE(rc::check([] {
    TestRun run = any_run();
    const double intensity = any(0, 900);
    run.constant(intensity);
    const Report report = derived(run);
    RC_ASSERT(
        close(as_grams(*report.carbon.operational), as_kwh(*report.energy.total) * intensity));
  }));
}

TEST(Laws, splitting_a_recorded_slot_changes_nothing) {
  EXPECT_TRUE(rc::check([] {
    TestRun run = any_run();
    run.intensity(any_intensity());
    const Report whole = derived(run);
    std::vector<ChannelSlot> cut;
    for (const ChannelSlot& slot : run.record.slots) {
      const Utc middle = slot.span.begin + slot.span.length() * *rc::gen::inRange(1, 10) / 10;
      for (const Interval part :
           {Interval{slot.span.begin, middle}, Interval{middle, slot.span.end}}) {
        ChannelSlot piece = slot;
        piece.span = part;
        piece.covered = part.length();
        piece.device = slot.device * (as_seconds(part.length()) / as_seconds(slot.span.length()));
        cut.push_back(piece);
      }
    }
    run.record.slots = cut;
    const Report split = derived(run);
    RC_ASSERT(split.slots.size() == whole.slots.size());
    RC_ASSERT(close(as_joules(*split.energy.it), as_joules(*whole.energy.it)));
    RC_ASSERT(split.carbon.operational.has_value() == whole.carbon.operational.has_value());
    if (!whole.carbon.operational) return;
    RC_ASSERT(close(as_grams(*split.carbon.operational), as_grams(*whole.carbon.operational)));
    RC_ASSERT(close(as_grams(*split.carbon.high), as_grams(*whole.carbon.high)));
  }));
}

TEST(Laws, record_of_two_pieces_is_the_sum_of_both) {
  EXPECT_TRUE(rc::check([] {
    const Utc begin(std::chrono::seconds(1'767'571'200));
    const double first_w = any(1, 700);
    const double second_w = any(1, 700);
    const double first_g = any(0, 900);
    const double second_g = any(0, 900);
    TestRun both(hours(2), begin);
    both.gpu({watts(first_w), watts(second_w)}).intensity({first_g, second_g});
    TestRun first(hours(1), begin);
    first.gpu(watts(first_w)).constant(first_g);
    TestRun second(hours(1), begin + hours(1));
    second.gpu(watts(second_w)).constant(second_g);
    RC_ASSERT(close(as_grams(*derived(both).carbon.total),
                    as_grams(*derived(first).carbon.total + *derived(second).carbon.total)));
  }));
}

TEST(Laws, bounds_hold_the_value_and_grow_with_the_errors) {
  EXPECT_TRUE(rc::check([] {
    TestRun run = any_run();
    run.constant(any(1, 900));
    const Report narrow = derived(run);
    run.record.channels[1].errors[0].low_rel = 0.2;
    run.record.channels[1].errors[0].high_rel = 0.2;
    const Report wide = derived(run);
    RC_ASSERT(*narrow.carbon.low <= *narrow.carbon.total);
    RC_ASSERT(*narrow.carbon.total <= *narrow.carbon.high);
    RC_ASSERT(*wide.carbon.high >= *narrow.carbon.high);
    RC_ASSERT(*wide.energy.total_low <= *narrow.energy.total_low);
  }));
}

// Two jobs on one GPU, whatever their parts: what both are charged and what nobody's processes hold
// of the idle energy is the device's, and so it is in their sum.
TEST(Laws, jobs_that_share_a_gpu_are_charged_what_it_used) {
  EXPECT_TRUE(rc::check([] {
    const Utc begin(std::chrono::seconds(1'767'571'200 + *rc::gen::inRange(0, 300)));
    const Duration length = std::chrono::seconds(*rc::gen::inRange(60, 2400));
    const std::vector<Power> power = {watts(any(1, 700)), watts(any(1, 700))};
    const double held = any(0, 100) / 100;
    const double busy = any(0, 100) / 100;
    const double part = any(1, 100) / 100;
    std::vector<Report> reports;
    for (const bool first : {true, false}) {
      TestRun run(length, begin);
      run.gpu(power).constant(100).shared(part, first ? held : 1 - held, first ? busy : 1 - busy);
      run.record.id = first ? "a" : "b";
      run.record.channels[0].uuid = "GPU-1";
      reports.push_back(derive(run.record, test_tables()));
      RC_ASSERT(*reports.back().energy.total_low <= *reports.back().energy.total);
      RC_ASSERT(*reports.back().energy.total_high * (1 + 1e-12) >=
                *reports.back().energy.channels[0].device);
    }
    const double device = as_joules(*reports[0].energy.channels[0].device);
    // Alone each is charged all of it: the time in which neither says that it shared counts twice.
    RC_ASSERT(close(as_joules(*reports[0].energy.it + *reports[1].energy.it),
                    device * part + 2 * device * (1 - part)));
    RC_ASSERT(close(as_joules(*sum(reports)->it), device));
  }));
}

TEST(Laws, timeline_ends_at_the_operational_carbon_whatever_its_steps) {
  EXPECT_TRUE(rc::check([] {
    TestRun run = any_run();
    run.intensity(any_intensity());
    const Report report = derived(run);
    const auto steps = static_cast<std::size_t>(*rc::gen::inRange(1, 200));
    const auto line = timeline(run.record, report, steps);
    RC_ASSERT(line.size() == steps);
    RC_ASSERT(line.back().cumulative.has_value() == report.carbon.operational.has_value());
    if (!report.carbon.operational) return;
    RC_ASSERT(close(as_grams(*line.back().cumulative), as_grams(*report.carbon.operational)));
  }));
}

}  // namespace
}  // namespace lowtide::account
