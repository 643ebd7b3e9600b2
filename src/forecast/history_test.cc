#include "forecast/history.h"

#include <gtest/gtest.h>

namespace lowtide::forecast {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Utc at(const char* text) { return *parse_utc(text); }

IntensitySeries series(std::vector<IntensityPiece> pieces) {
  return *IntensitySeries::from(std::move(pieces));
}
IntensityPiece piece(const char* begin, Duration length, double value) {
  return {{at(begin), at(begin) + length}, grams_per_kwh(value)};
}

TEST(History, a_slot_is_the_mean_of_its_time) {
  const auto made = history_of(series({piece("2021-01-01T00:00Z", minutes(45), 100),
                                       piece("2021-01-01T00:45Z", minutes(75), 200)}),
                               {at("2021-01-01"), at("2021-01-01T02:00Z")}, hours(1));
  ASSERT_TRUE(made);
  ASSERT_EQ(made->values.size(), 2U);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(made->values[0]), 125);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(made->values[1]), 200);
}

TEST(History, a_gap_is_no_zero) {
  const auto made = history_of(series({piece("2021-01-01T00:00Z", hours(1), 100),
                                       piece("2021-01-01T01:05Z", minutes(55), 100)}),
                               {at("2021-01-01"), at("2021-01-01T02:00Z")}, hours(1));
  ASSERT_TRUE(made);
  EXPECT_TRUE(is_known(made->values[0]));
  EXPECT_FALSE(is_known(made->values[1])) << "five minutes of it are missing";
}

TEST(History, slots_are_whole_and_on_the_hour) {
  const auto made = history_of(series({piece("2021-01-01T00:00Z", hours(5), 100)}),
                               {at("2021-01-01T00:10Z"), at("2021-01-01T03:59Z")}, hours(1));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->begin, at("2021-01-01T01:00Z"));
  EXPECT_EQ(made->values.size(), 2U) << "the hour from 3 has not ended";
  EXPECT_EQ(made->all().end(), at("2021-01-01T03:00Z"));
  EXPECT_FALSE(history_of({}, {at("2021-01-01"), at("2021-01-01T00:59Z")}, hours(1)));
  EXPECT_FALSE(history_of({}, {at("2021-01-01"), at("2021-01-02")}, minutes(25)));
}

TEST(History, the_step_is_that_of_the_series) {
  EXPECT_EQ(step_of(series({piece("2021-01-01T00:00Z", minutes(15), 1),
                            piece("2021-01-01T00:15Z", minutes(15), 1),
                            piece("2021-01-01T00:30Z", hours(2), 1)})),
            minutes(15));
  EXPECT_EQ(step_of(series({piece("2021-01-01T00:00Z", hours(24), 1)})), hours(1));
  EXPECT_EQ(step_of(series({piece("2021-01-01T00:00Z", minutes(7), 1)})), kSlot);
  EXPECT_EQ(step_of(series({piece("2021-01-01T00:00Z", minutes(45), 1)})), kSlot);
  EXPECT_EQ(step_of({}), kSlot);
}

TEST(Past, shows_what_had_ended_and_nothing_else) {
  const History history{at("2021-01-01"), hours(1), std::vector<Intensity>(10, grams_per_kwh(5))};
  const Past past = history.all();
  EXPECT_EQ(past.first(4).end(), at("2021-01-01T04:00Z"));
  EXPECT_EQ(past.last(4).begin, at("2021-01-01T06:00Z"));
  EXPECT_EQ(past.last(40).size(), 10U);
  EXPECT_EQ(past.per_day(), 24U);
}

}  // namespace
}  // namespace lowtide::forecast
