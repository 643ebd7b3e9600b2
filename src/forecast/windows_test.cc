#include "forecast/windows.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "forecast/made_for_test.h"

namespace lowtide::forecast {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const ForecasterKind& yesterday() { return *find_forecaster("yesterday"); }

// Each day is the last one and `more`: who says "as yesterday" is off by that.
History rising(std::size_t days, double more) {
  History history{*parse_utc("2021-01-04T00:00Z"), hours(1), {}};
  for (std::size_t day = 0; day < days; ++day) {
    for (std::size_t hour = 0; hour < 24; ++hour) {
      history.values.push_back(
          grams_per_kwh(100 + 10 * static_cast<double>(hour) + more * static_cast<double>(day)));
    }
  }
  return history;
}

TEST(Windows, are_a_day_apart_and_off_by_what_came_less_what_was_said) {
  const History history = rising(40, 7);
  const auto errors = window_errors(yesterday(), history.all(), {0, 24});
  ASSERT_EQ(errors.size(), 20U) << "the newer half of 40 days";
  std::int64_t days = 0;
  for (const WindowError& error : errors) {
    EXPECT_EQ(error.days_back, ++days);
    ASSERT_EQ(error.off.size(), 24U);
    for (const double off : error.off) EXPECT_NEAR(off, 7, 1e-9);
  }
}

TEST(Windows, that_begin_later_are_said_from_what_was_known_as_long_before) {
  const History history = rising(40, 7);
  // From 30 hours on "as yesterday" is a day older: off by two days.
  const auto errors = window_errors(yesterday(), history.all(), {30, 6});
  ASSERT_FALSE(errors.empty());
  EXPECT_EQ(errors.front().days_back, 2) << "36 hours have come two days after";
  for (const WindowError& error : errors) {
    for (const double off : error.off) EXPECT_NEAR(off, 14, 1e-9);
  }
}

TEST(Windows, see_nothing_of_what_came_after_them) {
  for (const ForecasterKind& kind : forecaster_kinds()) {
    History history = made(120, hours(1), 0.9, 30);
    const auto before = window_errors(kind, history.all(), {2, 48});
    ASSERT_GE(before.size(), kFewestWindows) << kind.name;
    // The oldest window: all that came behind it is another world.
    const WindowError& oldest = before.back();
    const std::size_t known =
        history.values.size() - static_cast<std::size_t>(oldest.days_back) * 24;
    for (std::size_t i = known + 50; i < history.values.size(); ++i) {
      history.values[i] = grams_per_kwh(1e5 + static_cast<double>(i));
    }
    const auto after = window_errors(kind, history.all(), {2, 48});
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < 48; ++i) {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(after.back().off[i]),
                std::bit_cast<std::uint64_t>(oldest.off[i]))
          << kind.name << " slot " << i;
    }
  }
}

TEST(Windows, a_gap_is_not_known_and_no_error_of_zero) {
  History history = rising(40, 7);
  history.values[39 * 24 + 5] = kUnknown;
  const auto errors = window_errors(yesterday(), history.all(), {0, 24});
  EXPECT_TRUE(std::isnan(errors.front().off[5]));
  EXPECT_NEAR(errors.front().off[6], 7, 1e-9);
}

TEST(Windows, are_120_at_most_and_none_of_a_past_that_is_too_short) {
  const History year = made(400, hours(1), 0.5, 10);
  EXPECT_EQ(window_errors(yesterday(), year.all(), {0, 24}).size(), kMostWindows);
  const History day = made(1, hours(1), 0.5, 10);
  EXPECT_TRUE(window_errors(yesterday(), day.all(), {0, 24}).empty());
  EXPECT_TRUE(window_errors(yesterday(), {}, {0, 0}).empty());
}

}  // namespace
}  // namespace lowtide::forecast
