#include "record/reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "host/child_for_test.h"
#include "record/meter_for_test.h"

namespace lowtide::record {
namespace {

using host::eventually;

Delivery take_when_open(Reader& reader) {
  EXPECT_TRUE(eventually([&] { return !reader.opening(); }));
  return reader.take();
}

bool drain_wake() {
  std::uint64_t count = 0;
  return read(wake_fd(), &count, sizeof count) == sizeof count;
}

TEST(Reader, hands_over_the_channels_once_when_the_door_has_opened) {
  const auto script = script_of({"u"});
  drain_wake();
  Reader reader("door", opens(script), "as saved", wake_fd());
  EXPECT_EQ(reader.door(), "door");
  const Delivery first = take_when_open(reader);
  ASSERT_TRUE(first.channels);
  EXPECT_EQ(first.channels->at(0).uuid, "u");
  EXPECT_EQ(script->restored, "as saved");
  EXPECT_FALSE(reader.take().channels);
  EXPECT_FALSE(reader.idle()) << "open, but nothing has been asked and answered";
  EXPECT_TRUE(eventually(drain_wake));
}

TEST(Reader, a_door_that_cannot_be_opened_says_why_once_and_is_idle) {
  Reader reader(
      "door",
      []() -> Result<std::unique_ptr<sense::Meter>> { return fail(ErrorKind::denied, "no"); }, {},
      wake_fd());
  const Delivery sent = take_when_open(reader);
  ASSERT_TRUE(sent.closed);
  EXPECT_EQ(sent.closed->kind, ErrorKind::denied);
  EXPECT_TRUE(reader.idle());
  EXPECT_FALSE(reader.take().closed);
}

TEST(Reader, a_request_is_answered_with_readings_and_the_raw_counters_after_them) {
  const auto script = script_of({"u"});
  script->on_read = [](int call) {
    return sense::Batch{{boot_reading(call, call + 1, 5)}, {}, {{0, Error{}}}, {}};
  };
  Reader reader("door", opens(script), {}, wake_fd());
  static_cast<void>(take_when_open(reader));
  reader.request();
  ASSERT_TRUE(eventually([&] { return reader.idle(); }));
  const Delivery sent = reader.take();
  EXPECT_TRUE(sent.answered);
  ASSERT_EQ(sent.readings.size(), 1U);
  EXPECT_EQ(sent.readings[0].energy, joules(5));
  EXPECT_EQ(sent.troubles.size(), 1U);
  EXPECT_EQ(sent.saved, "after 1");
  EXPECT_TRUE(reader.take().readings.empty());
  EXPECT_EQ(script->reads, 1) << "a counter is read only when asked";
}

TEST(Reader, a_door_that_shuts_is_trouble_and_not_the_end) {
  const auto script = script_of({"u"});
  script->on_read = [](int call) -> Result<sense::Batch> {
    if (call == 1) return fail(ErrorKind::temporary, "lost");
    return sense::Batch{{boot_reading(1, 2, 3)}, {}, {}, {}};
  };
  Reader reader("door", opens(script), {}, wake_fd());
  static_cast<void>(take_when_open(reader));
  reader.request();
  ASSERT_TRUE(eventually([&] { return reader.idle(); }));
  EXPECT_EQ(reader.take().troubles.at(0).error.message, "lost");
  reader.request();
  ASSERT_TRUE(eventually([&] { return reader.idle(); }));
  EXPECT_EQ(reader.take().readings.size(), 1U);
}

TEST(Reader, a_read_that_hangs_blocks_neither_take_nor_request_nor_the_end) {
  const auto script = script_of({"u"});
  {
    Reader reader("door", opens(script), {}, wake_fd());
    static_cast<void>(take_when_open(reader));
    script->shut();
    reader.request();
    ASSERT_TRUE(eventually([&] { return script->reading_now == 1; }));
    EXPECT_TRUE(reader.take().readings.empty());
    EXPECT_FALSE(reader.idle());
    reader.request();
  }
  EXPECT_EQ(script->reading_now, 1) << "the reader is gone, its thread still hangs";
  script->release();
  EXPECT_TRUE(eventually([&] { return script->reading_now == 0; }));
}

TEST(Reader, an_open_that_hangs_blocks_nobody) {
  const auto script = script_of({"u"});
  script->shut();
  {
    Reader reader(
        "door",
        [script]() -> Result<std::unique_ptr<sense::Meter>> {
          script->pass();
          return fail(ErrorKind::absent, "late");
        },
        {}, wake_fd());
    EXPECT_TRUE(reader.opening());
    EXPECT_FALSE(reader.idle());
    EXPECT_FALSE(reader.take().channels);
  }
  script->release();
}

// The last request of a run must cover its last moment.
TEST(Reader, a_request_made_during_a_read_is_answered_by_the_next_one) {
  const auto script = script_of({"u"});
  script->on_read = [gate = script.get()](int call) {
    if (call == 1) gate->shut();  // the second read hangs too
    return sense::Batch{};
  };
  Reader reader("door", opens(script), {}, wake_fd());
  static_cast<void>(take_when_open(reader));
  script->shut();
  reader.request();
  ASSERT_TRUE(eventually([&] { return script->reading_now == 1; }));
  reader.request();
  script->release();
  ASSERT_TRUE(eventually([&] { return script->reads == 2; }));
  EXPECT_FALSE(reader.idle()) << "the first read began before the second request";
  script->release();
  EXPECT_TRUE(eventually([&] { return reader.idle(); }));
}

TEST(Reader, polled_power_is_read_unasked_and_handed_over_in_short_stretches) {
  const auto script = script_of({"a", "b"});
  script->period = std::chrono::milliseconds(1);
  script->on_read = [](int call) {
    const double from = call * 0.02;
    return sense::Batch{
        {boot_reading(from, from + 0.02, 1), boot_reading(from, from + 0.02, 2, 1)}, {}, {}, {}};
  };
  Reader reader("door", opens(script), {}, wake_fd());
  std::vector<sense::Reading> all = take_when_open(reader).readings;
  ASSERT_TRUE(eventually([&] { return script->reads > 50; }));
  reader.request();
  ASSERT_TRUE(eventually([&] { return reader.idle(); }));
  const Delivery sent = reader.take();
  all.insert(all.end(), sent.readings.begin(), sent.readings.end());
  double joules_of[2] = {0, 0};
  Duration longest{};
  for (const sense::Reading& r : all) {
    joules_of[r.channel] += as_joules(r.energy);
    longest = std::max(longest, r.span.length());
  }
  EXPECT_GE(joules_of[0], 50);
  EXPECT_DOUBLE_EQ(joules_of[1], 2 * joules_of[0]);
  EXPECT_GT(longest, std::chrono::milliseconds(100)) << "neighbours are joined";
  EXPECT_LE(longest, std::chrono::milliseconds(200));
}

Ticks every_10_ms() {
  const host::SystemClock clock;
  return {host::UtcAnchor::take(clock), std::chrono::milliseconds(10)};
}

TEST(Reader, a_counter_is_read_at_the_ticks_between_two_questions_and_nobody_is_woken) {
  const auto script = script_of({"u"});
  script->on_read = [](int call) {
    return sense::Batch{{boot_reading(call, call + 1, 5)}, {}, {}, {}};
  };
  Reader reader("door", opens(script), {}, wake_fd());
  static_cast<void>(take_when_open(reader));
  const Ticks ticks = every_10_ms();
  reader.request(ticks, host::SystemClock().boot() + std::chrono::hours(1));
  ASSERT_TRUE(eventually([&] { return reader.idle() && drain_wake(); }));
  ASSERT_TRUE(eventually([&] { return script->reads >= 5; }));
  EXPECT_FALSE(drain_wake());
  const Delivery sent = reader.take();
  EXPECT_GE(sent.readings.size(), 5U);
  // Older ones would have a later meter bridge over, and so count twice, what is on record.
  const auto last_call =
      sent.readings.back().span.begin.time_since_epoch() / std::chrono::seconds(1);
  EXPECT_EQ(sent.saved, "after " + std::to_string(last_call));
  reader.request();
  ASSERT_TRUE(eventually([&] { return reader.idle(); }));
  const int last = script->reads;
  usleep(50'000);
  EXPECT_EQ(script->reads, last) << "asked without ticks it waits for the next question";
}

TEST(Reader, the_tick_of_the_next_question_is_left_to_it) {
  const auto script = script_of({"u"});
  Reader reader("door", opens(script), {}, wake_fd());
  static_cast<void>(take_when_open(reader));
  Ticks ticks = every_10_ms();
  ticks.interval = std::chrono::hours(1);
  const BootTime next = ticks.after(host::SystemClock().boot());
  // The first tick is 20 ms away, every other one a 5-minute edge or an hour.
  const Duration ahead = next - host::SystemClock().boot() - std::chrono::milliseconds(20);
  ticks.anchor.utc += ahead;
  reader.request(ticks, ticks.after(host::SystemClock().boot()));
  ASSERT_TRUE(eventually([&] { return reader.idle(); }));
  usleep(60'000);
  EXPECT_EQ(script->reads, 1);
}

TEST(Reader, a_context_that_comes_or_goes_wakes_the_collector_and_is_said_once) {
  const auto script = script_of({"u"});
  script->on_read = [](int call) {
    sense::Batch batch;
    batch.holders.push_back({0, {}, std::vector<sense::Holder>(call < 10 ? 1 : 2, {77})});
    return batch;
  };
  Reader reader("door", opens(script), {}, wake_fd());
  static_cast<void>(take_when_open(reader));
  reader.request(every_10_ms(), host::SystemClock().boot() + std::chrono::hours(1));
  ASSERT_TRUE(eventually([&] { return reader.idle() && drain_wake(); }));
  EXPECT_EQ(reader.take().holders.size(), 1U);
  ASSERT_TRUE(eventually(drain_wake));
  EXPECT_GE(script->reads, 10);
  const Delivery sent = reader.take();
  ASSERT_EQ(sent.holders.size(), 1U);
  EXPECT_EQ(sent.holders[0].all->size(), 2U);
}

TEST(Ticks, are_whole_multiples_of_the_interval_and_the_edges_of_slots) {
  const host::UtcAnchor anchor{Utc(std::chrono::seconds(1'767'571'200)), BootTime(seconds(1000))};
  const auto after = [&](double interval_s, double elapsed_s) {
    const Ticks ticks{anchor, seconds(interval_s)};
    return as_seconds(ticks.after(anchor.boot + seconds(elapsed_s)) - anchor.boot);
  };
  EXPECT_DOUBLE_EQ(after(1, 0), 1);
  EXPECT_DOUBLE_EQ(after(1, 0.5), 1);
  EXPECT_DOUBLE_EQ(after(7, 290), 291) << "seven does not divide 300";
  EXPECT_DOUBLE_EQ(after(7, 298.5), 300);
  EXPECT_DOUBLE_EQ(after(600, 10), 300);
}

}  // namespace
}  // namespace lowtide::record
