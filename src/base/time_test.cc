#include "base/time.h"

#include <gtest/gtest.h>

#include <random>

namespace lowtide {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;

Utc at(std::int64_t seconds_since_epoch) { return Utc(std::chrono::seconds(seconds_since_epoch)); }

struct TimeCase {
  const char* text;
  Utc expected;
};

TEST(Time, every_accepted_spelling_means_the_same_instant) {
  const Utc t = at(1'767'571'200);  // 2026-01-05T00:00:00Z
  const TimeCase cases[] = {
      {"2026-01-05", t},
      {"2026-01-05T00:00", t},
      {"2026-01-05 00:00:00", t},
      {"2026-01-05T00:00:00Z", t},
      {"2026-01-05T00:00:00z", t},
      {"2026-01-05T00:00:00.0Z", t},
      {"2026-01-05T01:00:00+01:00", t},
      {"2026-01-05T05:30:00+0530", t},
      {"2026-01-04T16:00:00-08:00", t},
      {"2026-01-05T02:00+02", t},
      {"2026-01-04T24:00:00Z", t},
      {"2026-01-05T00:00:00.25Z", t + milliseconds(250)},
      {"2026-01-05T00:00:00.000000001Z", t + nanoseconds(1)},
      {"2026-01-05T00:00:00.0000000019Z", t + nanoseconds(1)},
      {"1970-01-01", at(0)},
      {"1969-12-31T23:59:59Z", at(-1)},
      {"2024-02-29T12:00Z", at(1'709'208'000)},
      {"2000-02-29", at(951'782'400)},
  };
  for (const auto& [text, expected] : cases) {
    const auto parsed = parse_utc(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().line();
    EXPECT_EQ(*parsed, expected) << text << " is read as " << format_utc(*parsed);
  }
}

TEST(Time, what_is_no_time_is_refused_with_the_text_and_a_pattern) {
  for (const char* text : {"",
                           "now",
                           "2026",
                           "2026-1-5",
                           "2026-13-01",
                           "2026-00-01",
                           "2026-01-32",
                           "2026-01-00",
                           "2025-02-29",
                           "2100-02-29",
                           "2026-01-05T",
                           "2026-01-05T1:00",
                           "2026-01-05T25:00",
                           "2026-01-05T24:01",
                           "2026-01-05T24:00:01",
                           "2026-01-05T00:60",
                           "2026-01-05T00:00:61",
                           "2026-01-05T00:00:00.",
                           "2026-01-05T00:00:00.Z",
                           "2026-01-05T00:00:00ZZ",
                           "2026-01-05T00:00:00 Z",
                           "2026-01-05T00:00:00+1",
                           "2026-01-05T00:00:00+19:00",
                           "2026-01-05T00:00:00+01:",
                           "2026-01-05T00:00:00+01:60",
                           "2026-01-05x00:00",
                           " 2026-01-05",
                           "2026-01-05 ",
                           "0000-01-01",
                           "9999-01-01",
                           "-026-01-05"}) {
    const auto parsed = parse_utc(text);
    ASSERT_FALSE(parsed) << "'" << text << "' is read as " << format_utc(*parsed);
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed);
    EXPECT_NE(parsed.error().message.find(text), std::string::npos);
    EXPECT_FALSE(parsed.error().hint.empty());
  }
}

TEST(Time, format_is_iso_with_milliseconds_also_before_the_epoch) {
  EXPECT_EQ(format_utc(at(1'767'571'200)), "2026-01-05T00:00:00.000Z");
  EXPECT_EQ(format_utc(at(1'709'208'000) + milliseconds(7)), "2024-02-29T12:00:00.007Z");
  EXPECT_EQ(format_utc(at(0) - milliseconds(1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_utc(at(0) - nanoseconds(1)), "1969-12-31T23:59:59.999Z");
}

TEST(Time, format_and_parse_are_each_others_inverse) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> ms(-7'000'000'000'000, 7'000'000'000'000);
  for (int i = 0; i < 2000; ++i) {
    const Utc t = Utc(milliseconds(ms(random)));
    EXPECT_EQ(parse_utc(format_utc(t)).value(), t) << format_utc(t);
  }
}

TEST(Time, durations_are_sums_of_numbers_with_units) {
  const std::pair<const char*, Duration> cases[] = {
      {"90s", std::chrono::seconds(90)},
      {"15m", minutes(15)},
      {"15min", minutes(15)},
      {"24h", hours(24)},
      {"2d", days(2)},
      {"100ms", milliseconds(100)},
      {"1h30m", minutes(90)},
      {"1d2h3m4s5ms", days(1) + hours(2) + minutes(3) + std::chrono::seconds(4) + milliseconds(5)},
      {"1.5h", minutes(90)},
      {".5s", milliseconds(500)},
      {"0s", Duration::zero()},
  };
  for (const auto& [text, expected] : cases) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(Time, what_is_no_duration_is_refused) {
  for (const char* text : {"", "5", "s", "-5s", "5 s", " 5s", "5s ", "5x", "1h30", "nan s", "nans",
                           "infs", "1e300d", "200000d", "5ss", "1..5s", "0x10s", "--"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << "'" << text << "' is read as " << format_duration(*parsed);
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed);
  }
}

TEST(Time, lengths_for_people_keep_two_units_at_most) {
  const std::pair<Duration, const char*> cases[] = {
      {Duration::zero(), "0 ms"},
      {milliseconds(250), "250 ms"},
      {nanoseconds(999'700'000), "1.0 s"},
      {milliseconds(1500), "1.5 s"},
      {std::chrono::seconds(31), "31 s"},
      {milliseconds(59'700), "1 min 00 s"},
      {std::chrono::seconds(245), "4 min 05 s"},
      {minutes(123), "2 h 03 min"},
      {days(9) + hours(2), "9 d 2 h"},
  };
  for (const auto& [length, expected] : cases) EXPECT_EQ(format_duration(length), expected);
}

TEST(Time, slots_are_five_minutes_of_utc_also_before_the_epoch) {
  EXPECT_EQ(slot_begin(at(0)), at(0));
  EXPECT_EQ(slot_begin(at(299)), at(0));
  EXPECT_EQ(slot_begin(at(300)), at(300));
  EXPECT_EQ(slot_end(at(299)), at(300));
  EXPECT_EQ(slot_end(at(300)), at(600));
  EXPECT_EQ(slot_begin(at(0) - nanoseconds(1)), at(-300));
  EXPECT_EQ(slot_begin(at(-300)), at(-300));
  EXPECT_EQ(slot_begin(at(-301)), at(-600));
  EXPECT_EQ(slot_end(at(-300)), at(0));
}

TEST(Interval, is_half_open_so_neighbours_share_no_instant) {
  const Interval first{at(0), at(10)};
  const Interval second{at(10), at(20)};
  EXPECT_TRUE(first.holds(at(0)));
  EXPECT_FALSE(first.holds(at(10)));
  EXPECT_TRUE(second.holds(at(10)));
  EXPECT_TRUE(first.meet(second).empty());
  EXPECT_EQ(first.length(), std::chrono::seconds(10));
}

TEST(Interval, meet_is_the_common_part_and_empty_where_there_is_none) {
  const Interval a{at(0), at(10)};
  EXPECT_EQ(a.meet({at(4), at(20)}), (Interval{at(4), at(10)}));
  EXPECT_EQ(a.meet({at(-5), at(3)}), (Interval{at(0), at(3)}));
  EXPECT_EQ(a.meet({at(2), at(3)}), (Interval{at(2), at(3)}));
  const Interval none = a.meet({at(30), at(40)});
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.length(), Duration::zero());
}

}  // namespace
}  // namespace lowtide
