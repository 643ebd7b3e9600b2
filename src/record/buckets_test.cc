#include "record/buckets.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "record/run_for_test.h"

namespace lowtide::record {
namespace {

using std::chrono::minutes;

// What a ledger holds after all increments: rows with the same begin replace each other.
struct Kept {
  std::map<std::pair<std::size_t, Utc>, Sample> samples;
  std::map<std::pair<std::size_t, Utc>, ChannelSlot> slots;
  std::map<Utc, UseSlot> use;

  void add(const Increment& more) {
    for (const Sample& s : more.samples) samples[{s.channel, s.span.begin}] = s;
    for (const ChannelSlot& s : more.slots) slots[{s.channel, s.span.begin}] = s;
    for (const UseSlot& s : more.use) use[s.span.begin] = s;
  }
  [[nodiscard]] double sample_joules(std::size_t channel = 0) const {
    double sum = 0;
    for (const auto& [key, s] : samples) sum += key.first == channel ? as_joules(s.energy) : 0;
    return sum;
  }
  [[nodiscard]] double slot_joules(std::size_t channel = 0) const {
    double sum = 0;
    for (const auto& [key, s] : slots) sum += key.first == channel ? as_joules(s.device) : 0;
    return sum;
  }
};

void expect_sound(const Kept& kept, Duration width) {
  std::map<std::size_t, Utc> last;
  for (const auto& [key, s] : kept.samples) {
    EXPECT_FALSE(s.span.empty());
    EXPECT_LE(s.span.end, slot_end(s.span.begin)) << "a sample crosses a 5-minute edge";
    EXPECT_LE(s.span.length(), width);
    EXPECT_TRUE(!last.contains(key.first) || last[key.first] <= s.span.begin) << "samples overlap";
    EXPECT_LE(s.min, s.max);
    last[key.first] = s.span.end;
  }
  for (const auto& [key, s] : kept.slots) {
    EXPECT_LE(s.span.end, slot_end(s.span.begin));
    EXPECT_LE(s.covered, s.span.length());
  }
}

TEST(Buckets, energy_is_conserved_over_any_cut_of_the_readings) {
  std::mt19937_64 random(17);
  std::uniform_real_distribution<double> length(0.01, 40);
  std::uniform_real_distribution<double> power(1, 500);
  std::uniform_int_distribution<int> dice(0, 9);
  for (int round = 0; round < 60; ++round) {
    const Duration width = std::array{seconds(0.5), seconds(1), seconds(7), seconds(300)}.at(
        static_cast<std::size_t>(round % 4));
    Buckets buckets(width);
    const double begin = length(random);
    buckets.begin(second(begin));
    Kept kept;
    double expected = 0;
    Duration covered{};
    for (double at = begin; at < 700;) {
      const double end = at + length(random);
      if (dice(random) > 1) {  // else a gap
        const double energy = power(random) * (end - at);
        buckets.add(reading(at, end, energy));
        expected += energy;
        covered += span_of(at, end).length();
      }
      if (dice(random) == 0) kept.add(buckets.take());
      at = end;
    }
    kept.add(buckets.take());
    EXPECT_NEAR(kept.sample_joules(), expected, 1e-6 * expected);
    EXPECT_NEAR(kept.slot_joules(), expected, 1e-6 * expected);
    Duration in_samples{};
    for (const auto& [key, s] : kept.samples) in_samples += s.span.length();
    EXPECT_EQ(in_samples, covered) << "a gap stays a gap";
    expect_sound(kept, width);
  }
}

TEST(Buckets, nothing_before_the_begin_and_after_the_end_is_kept) {
  Buckets buckets(seconds(1));
  buckets.add(reading(0, 1, 50));  // before there is a run
  buckets.begin(second(10.25));
  buckets.add(reading(9, 11, 20));
  buckets.end(second(12.5));
  buckets.add(reading(11, 14, 30));
  buckets.add(reading(14, 15, 999));
  Kept kept;
  kept.add(buckets.take());
  EXPECT_NEAR(kept.sample_joules(), 7.5 + 15, 1e-9);
  EXPECT_EQ(kept.samples.begin()->second.span.begin, second(10.25));
  EXPECT_EQ(kept.samples.rbegin()->second.span.end, second(12.5));
  ASSERT_EQ(kept.slots.size(), 1U);
  EXPECT_EQ(kept.slots.begin()->second.span, span_of(10.25, 12.5));
  EXPECT_EQ(kept.slots.begin()->second.covered, seconds(2.25));
}

TEST(Buckets, a_reading_over_a_slot_edge_is_shared_by_the_time_on_each_side) {
  Buckets buckets(seconds(60));
  buckets.begin(second(0));
  buckets.add(reading(299, 303, 400));
  const auto slots = buckets.slots();
  ASSERT_EQ(slots.size(), 2U);
  EXPECT_NEAR(as_joules(slots[0].device), 100, 1e-9);
  EXPECT_NEAR(as_joules(slots[1].device), 300, 1e-9);
  EXPECT_EQ(slots[0].covered, seconds(1));
}

TEST(Buckets, while_the_run_goes_on_a_slot_reaches_no_further_than_what_was_read) {
  Buckets buckets(seconds(60));
  buckets.begin(second(10));
  buckets.add(reading(10, 303, 400));
  EXPECT_EQ(buckets.slots().at(0).span, span_of(10, 300));
  EXPECT_EQ(buckets.slots().at(1).span, span_of(300, 303));
  Kept kept;
  kept.add(buckets.take());
  buckets.end(second(320));
  kept.add(buckets.take());
  EXPECT_EQ(kept.slots.rbegin()->second.span, span_of(300, 320)) << "the rest is a gap in it";
  EXPECT_EQ(kept.slots.rbegin()->second.covered, seconds(3));
}

TEST(Buckets, a_bucket_knows_the_lowest_and_highest_power_and_the_worst_quality) {
  Buckets buckets(seconds(10));
  buckets.begin(second(0));
  buckets.add(reading(0, 1, 100));
  ChannelReading worse = reading(1, 2, 300);
  worse.min = watts(20);
  worse.max = watts(700);
  worse.quality = Quality::spread;
  buckets.add(worse);
  const Increment more = buckets.take();
  ASSERT_EQ(more.samples.size(), 1U);
  EXPECT_EQ(more.samples[0].min, watts(20));
  EXPECT_EQ(more.samples[0].max, watts(700));
  EXPECT_EQ(more.samples[0].quality, Quality::spread);
  ASSERT_EQ(more.slots.size(), 1U);
  EXPECT_EQ(more.slots[0].lowest, watts(100)) << "the lowest mean, not the lowest glimpse";
  EXPECT_EQ(more.slots[0].quality, Quality::spread);
}

TEST(Buckets, a_bridged_hole_is_one_sample_a_slot) {
  Buckets buckets(seconds(1));
  buckets.begin(second(0));
  ChannelReading hole = reading(0, 800, 1600);
  hole.quality = Quality::bridged;
  buckets.add(hole);
  const Increment more = buckets.take();
  ASSERT_EQ(more.samples.size(), 3U);
  EXPECT_EQ(more.samples[0].span, span_of(0, 300));
  EXPECT_EQ(more.samples[2].span, span_of(600, 800));
  EXPECT_NEAR(as_joules(more.samples[2].energy), 400, 1e-9);
  EXPECT_EQ(more.slots[1].quality, Quality::bridged);
}

TEST(Buckets, a_hole_does_not_swallow_the_bucket_before_it) {
  Buckets buckets(seconds(1));
  buckets.begin(second(0));
  buckets.add(reading(0, 0.5, 1));
  ChannelReading hole = reading(0.5, 100, 995);
  hole.quality = Quality::spread;
  buckets.add(hole);
  const Increment more = buckets.take();
  ASSERT_EQ(more.samples.size(), 2U);
  EXPECT_EQ(more.samples[0].span, span_of(0, 0.5));
  EXPECT_EQ(more.samples[0].quality, Quality::measured);
}

TEST(Buckets, what_has_not_grown_is_not_given_out_twice) {
  Buckets buckets(seconds(2));
  buckets.begin(second(0));
  buckets.add(reading(0, 1, 10));
  EXPECT_EQ(buckets.take().samples.size(), 1U);
  EXPECT_TRUE(buckets.take().empty());
  buckets.add(reading(1, 2, 20));
  const Increment grown = buckets.take();
  ASSERT_EQ(grown.samples.size(), 1U);
  EXPECT_EQ(grown.samples[0].span, span_of(0, 2));
  EXPECT_NEAR(as_joules(grown.samples[0].energy), 30, 1e-9);
  buckets.add(reading(2, 3, 5));
  const Increment next = buckets.take();
  ASSERT_EQ(next.samples.size(), 1U) << "the finished one was given out already";
  EXPECT_EQ(next.samples[0].span, span_of(2, 3));
}

TEST(Buckets, a_change_of_state_cuts_the_slot) {
  Buckets buckets(seconds(10));
  buckets.begin(second(0));
  buckets.add(reading(0, 100, 1000));
  buckets.change_state(RunState::paused, second(100));
  buckets.add(reading(100, 250, 150));
  buckets.change_state(RunState::running, second(250));
  buckets.add(reading(250, 320, 700));
  const auto slots = buckets.slots();
  ASSERT_EQ(slots.size(), 4U);
  EXPECT_EQ(slots[0].span, span_of(0, 100));
  EXPECT_EQ(slots[1].span, span_of(100, 250));
  EXPECT_EQ(slots[1].state, RunState::paused);
  EXPECT_EQ(slots[2].span, span_of(250, 300));
  EXPECT_EQ(slots[2].state, RunState::running);
  EXPECT_NEAR(as_joules(slots[1].device), 150, 1e-9);
}

// A GPU's slot holds the use of its own time, whether its energy comes before it or after.
TEST(Buckets, use_of_a_device_is_cut_as_its_energy_is) {
  Buckets buckets(seconds(1));
  buckets.begin(second(200));
  DeviceUse use;
  use.shared = use.held_all = seconds(200);
  use.busy_ours = seconds(60);
  buckets.add_device_use(0, span_of(150, 350), use);
  buckets.add({0, span_of(200, 350), joules(1500), watts(10), watts(10)});
  buckets.end(second(340));
  buckets.add_device_use(0, span_of(330, 350), use);
  const auto slots = buckets.slots();
  ASSERT_EQ(slots.size(), 2U);
  EXPECT_EQ(slots[0].span, span_of(200, 300));
  EXPECT_NEAR(as_seconds(slots[0].use->shared), 100, 1e-6);
  EXPECT_NEAR(as_seconds(slots[0].use->busy_ours), 30, 1e-6);
  EXPECT_EQ(slots[0].lowest, watts(10));
  EXPECT_NEAR(as_seconds(slots[1].use->shared), 50 + 100, 1e-6);
}

TEST(Buckets, other_sensor_path_adds_up_in_the_slot_in_which_a_reading_begins) {
  Buckets buckets(seconds(1));
  buckets.begin(second(200));
  buckets.add({0, span_of(200, 302), joules(1020), watts(10), watts(10)});
  for (const int from : {199, 200, 299}) {  // the first began before the run
    buckets.add_second({0, span_of(from, from + 2), {joules(21), joules(20), seconds(2), 1, {}}});
  }
  const auto slots = buckets.slots();
  EXPECT_EQ(slots[0].check->readings, 2);
  EXPECT_NEAR(as_joules(slots[0].check->other), 42, 1e-9);
  EXPECT_FALSE(slots[1].check);
}

TEST(Buckets, cpu_time_is_shared_over_the_slots_it_spans) {
  Buckets buckets(seconds(1));
  buckets.begin(second(200));
  buckets.add_use(span_of(200, 400), seconds(100), seconds(160));
  buckets.add_use(span_of(400, 500), seconds(10), seconds(20));
  const auto use = buckets.use();
  ASSERT_EQ(use.size(), 2U);
  EXPECT_EQ(use[0].span, span_of(200, 300));
  EXPECT_NEAR(as_seconds(use[0].job_cpu), 50, 1e-6);
  EXPECT_NEAR(as_seconds(use[1].job_cpu), 60, 1e-6);
  EXPECT_NEAR(as_seconds(use[1].machine_cpu), 100, 1e-6);
}

TEST(Buckets, width_doubles_until_the_samples_fit_and_at_most_to_a_slot) {
  Buckets buckets(seconds(1));
  buckets.begin(second(0));
  std::vector<Sample> kept;
  Duration widest{};
  for (int i = 0; i < 20'000; ++i) {
    buckets.add(reading(i, i + 1, 3));
    if (i % 100 != 99) continue;
    for (const Sample& s : buckets.take().samples) {
      if (!kept.empty() && kept.back().span.begin == s.span.begin) kept.pop_back();
      kept.push_back(s);
    }
    for (const auto& [channel, width] : buckets.overfull()) {
      kept = coarser(kept, width);
      buckets.coarsened(channel, width, kept.size());
      widest = width;
    }
    ASSERT_LE(kept.size(), Buckets::kMostSamples);
  }
  EXPECT_EQ(widest, seconds(8));
  double sum = 0;
  for (const Sample& s : kept) sum += as_joules(s.energy);
  EXPECT_NEAR(sum, 60'000, 1e-6);
  Buckets slotted(kSlot);
  slotted.begin(second(0));
  slotted.resume_channel(0, 10 * Buckets::kMostSamples);
  EXPECT_TRUE(slotted.overfull().empty()) << "one a slot is the least";
}

TEST(Buckets, a_resumed_run_goes_on_in_its_slots_and_keeps_its_total) {
  Buckets first(seconds(1));
  first.begin(second(0));
  first.add(reading(0, 100, 1000));
  first.add_use(span_of(0, 100), seconds(10), seconds(20));
  Buckets second_life(seconds(1));
  second_life.begin(second(0));
  second_life.resume_channel(0, 100);
  second_life.resume_slots(first.slots(), first.use());
  EXPECT_TRUE(second_life.take().empty()) << "what is in the ledger is not written again";
  EXPECT_EQ(second_life.slots().at(0).span, span_of(0, 100));
  EXPECT_EQ(second_life.newest_end(), second(100));
  second_life.add(reading(100, 150, 250));
  second_life.add_use(span_of(100, 150), seconds(5), seconds(6));
  const Increment more = second_life.take();
  ASSERT_EQ(more.slots.size(), 1U);
  EXPECT_EQ(more.slots[0].span.begin, second(0));
  EXPECT_NEAR(as_joules(more.slots[0].device), 1250, 1e-9);
  EXPECT_EQ(more.slots[0].covered, seconds(150));
  EXPECT_NEAR(as_seconds(more.use.at(0).job_cpu), 15, 1e-6);
  EXPECT_NEAR(as_joules(second_life.newest(0)->total), 1250, 1e-9);
}

TEST(Buckets, newest_is_the_last_reading_and_the_sum_of_all) {
  Buckets buckets(seconds(1));
  EXPECT_EQ(buckets.newest(0), nullptr);
  buckets.begin(second(0));
  buckets.add(reading(0, 2, 100));
  buckets.add(reading(2, 3, 200));
  EXPECT_NEAR(as_joules(buckets.newest(0)->total), 300, 1e-9);
  EXPECT_NEAR(as_watts(buckets.newest(0)->power), 200, 1e-9);
  EXPECT_EQ(buckets.newest(0)->span, span_of(2, 3));
}

TEST(Coarser, conserves_energy_and_neither_bridges_holes_nor_crosses_edges) {
  const auto joined = coarser(
      {sample(290, 292, 10), sample(292, 300, 20), sample(300, 304, 30), sample(306, 308, 40)},
      seconds(100));
  ASSERT_EQ(joined.size(), 3U);
  EXPECT_EQ(joined[0].span, span_of(290, 300));
  EXPECT_NEAR(as_joules(joined[0].energy), 30, 1e-9);
  EXPECT_EQ(joined[0].min, watts(2.5));
  EXPECT_EQ(joined[0].max, watts(5));
  EXPECT_EQ(joined[1].span, span_of(300, 304));
  EXPECT_EQ(joined[2].span, span_of(306, 308));
}

}  // namespace
}  // namespace lowtide::record
