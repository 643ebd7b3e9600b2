#include "app/plan_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/plan_advice.h"
#include "app/plan_job.h"

namespace lowtide::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

TEST(ParseWindow, is_a_length_or_a_part_or_a_multiple_of_the_job) {
  EXPECT_EQ(parse_window("24h", hours(2)).value(), hours(24));
  EXPECT_EQ(parse_window("2x", hours(19)).value(), hours(38));
  EXPECT_NE(parse_window("999999d", hours(2)).error().message.find("too long"), std::string::npos);
  EXPECT_EQ(parse_window("25%", hours(2)).value(), minutes(30));
  EXPECT_EQ(parse_window("0x", hours(2)).value(), Duration::zero());
  for (const char* off :
       {"", "x", "%", "-1x", "nanx", "infx", "1e300x", "367d", "24", "2 days", "0x10x"}) {
    const auto window = parse_window(off, hours(2));
    ASSERT_FALSE(window) << off;
    EXPECT_EQ(window.error().kind, ErrorKind::usage) << off;
  }
}

TEST(ParseEnergy, is_energy_or_minutes_of_mean_power) {
  EXPECT_DOUBLE_EQ(as_kwh(parse_energy("0.2kWh", watts(1)).value()), 0.2);
  EXPECT_DOUBLE_EQ(as_kwh(parse_energy("50 Wh", watts(1)).value()), 0.05);
  EXPECT_DOUBLE_EQ(as_joules(parse_energy("3J", watts(1)).value()), 3);
  EXPECT_DOUBLE_EQ(as_kwh(parse_energy("5m", watts(1200)).value()), 0.1);
  for (const char* off : {"", "5", "kWh", "-1kWh", "infkWh", "1e9d"}) {
    EXPECT_FALSE(parse_energy(off, watts(1))) << off;
  }
  for (const char* time : {"5m", "1h30m", "0s"}) EXPECT_TRUE(is_of_mean(time)) << time;
  for (const char* own : {"0.2kWh", "50 Wh", "3J", "1MWh"}) EXPECT_FALSE(is_of_mean(own)) << own;
}

TEST(ParsePower, takes_watts_and_their_multiples) {
  EXPECT_DOUBLE_EQ(as_watts(parse_power("300").value()), 300);
  EXPECT_DOUBLE_EQ(as_watts(parse_power("2.4kW").value()), 2400);
  EXPECT_DOUBLE_EQ(as_watts(parse_power("1MW").value()), 1e6);
  for (const char* off : {"", "W", "-3W", "nan", "3kg"}) EXPECT_FALSE(parse_power(off)) << off;
}

TEST(ParsePrice, keeps_the_currency) {
  const auto price = parse_price("€2.5/h");
  ASSERT_TRUE(price);
  EXPECT_EQ(price->currency, "€");
  EXPECT_DOUBLE_EQ(price->per_hour, 2.5);
  EXPECT_EQ(parse_price("2/h").value().currency, "");
  for (const char* off : {"", "2", "$/h", "$$2/h", "-2/h", "2/d"})
    EXPECT_FALSE(parse_price(off)) << off;
}

TEST(ParseHours, meet_the_minutes_of_a_day_over_midnight_too) {
  const DayHours night = parse_hours("22:00-06:00").value();
  EXPECT_TRUE(night.meets(22 * 60, 22 * 60 + 5));
  EXPECT_TRUE(night.meets(0, 5));
  EXPECT_TRUE(night.meets(5 * 60 + 55, 6 * 60));
  EXPECT_FALSE(night.meets(6 * 60, 6 * 60 + 5));
  EXPECT_FALSE(night.meets(21 * 60 + 55, 22 * 60));
  const DayHours odd = parse_hours("10:02-10:03").value();
  EXPECT_TRUE(odd.meets(10 * 60, 10 * 60 + 5)) << "a slot that is forbidden in part is forbidden";
  const DayHours evening = parse_hours("20:00-24:00").value();
  EXPECT_TRUE(evening.meets(23 * 60 + 55, 24 * 60));
  EXPECT_FALSE(evening.meets(0, 5));
  for (const char* off : {"", "22-06", "22:00", "22:00-22:00", "24:00-06:00", "22:61-06:00",
                          "22:00-24:01", "22:00-06:00Z", "::::::-06:00"}) {
    EXPECT_FALSE(parse_hours(off)) << off;
  }
}

TEST(SpellDuration, is_read_back_as_the_same) {
  for (const Duration length : {Duration(minutes(30)), Duration(hours(38)), Duration(minutes(90)),
                                Duration(std::chrono::seconds(61)), Duration::zero()}) {
    EXPECT_EQ(parse_duration(spell_duration(length)).value(), length) << spell_duration(length);
  }
}

TEST(ShellWord, is_one_word_whatever_is_in_it) {
  EXPECT_EQ(shell_word("train.py"), "train.py");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(shell_word("~"), "'~'");
  EXPECT_EQ(shell_word("a\nb'\\"), "$'a\\x0ab\\'\\\\'");
}

TEST(ParseProfile, keeps_energy_and_length) {
  const auto job = parse_profile("elapsed_s,energy_j\n450,900\n480,300\n", "p.csv");
  ASSERT_TRUE(job) << job.error().line();
  EXPECT_EQ(job->length, std::chrono::seconds(480));
  EXPECT_DOUBLE_EQ(as_joules(job->energy), 1200);
  ASSERT_EQ(job->work.size(), 2U);
  EXPECT_DOUBLE_EQ(as_joules(job->work[0]), 600);
  EXPECT_DOUBLE_EQ(as_joules(job->work[1]), 600);
}

TEST(ParseProfile, names_file_line_and_field) {
  const auto job = parse_profile("slot,kwh\n0,1\n1,-1\n", "p.csv");
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().kind, ErrorKind::malformed);
  EXPECT_THAT(job.error().line(), HasSubstr("p.csv:3, field kwh"));
}

}  // namespace
}  // namespace lowtide::app
