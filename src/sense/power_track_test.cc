#include "sense/power_track.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace lowtide::sense {
namespace {

constexpr Duration kHole = std::chrono::milliseconds(250);

BootTime at(double s) { return BootTime(seconds(s)); }

struct Total {
  double joules = 0;
  double covered = 0;
  double lowest_begin = 1e9;
};

// Polls `power(t)` each 20 ms over [0, end] and adds up pieces and the last tail.
Total poll(PowerTrack track, double end, const std::function<double(double)>& power) {
  Total total;
  const auto add = [&](const std::optional<PowerPiece>& piece) {
    if (!piece) return;
    total.joules += as_joules(piece->energy);
    total.covered += as_seconds(piece->span.length());
    total.lowest_begin =
        std::min(total.lowest_begin, as_seconds(piece->span.begin.time_since_epoch()));
    EXPECT_LE(piece->min, piece->energy / piece->span.length() + watts(1e-9));
    EXPECT_GE(piece->max, piece->energy / piece->span.length() - watts(1e-9));
  };
  for (int i = 0; i * 0.02 <= end + 1e-9; ++i) {
    const auto piece = track.step(watts(power(i * 0.02)), at(i * 0.02), kHole);
    EXPECT_TRUE(piece.has_value());
    if (piece) add(*piece);
  }
  add(track.tail());
  return total;
}

TEST(PowerTrack, constant_power_is_power_times_time) {
  const Total total = poll(PowerTrack(), 3, [](double) { return 300.0; });
  EXPECT_NEAR(total.joules, 900, 1e-9);
  EXPECT_NEAR(total.covered, 3, 1e-9);
}

TEST(PowerTrack, a_ramp_is_a_trapezoid) {
  const Total total = poll(PowerTrack(), 4, [](double t) { return 50 + 100 * t; });
  EXPECT_NEAR(total.joules, 50 * 4 + 100 * 8, 1e-6);
}

// The mean over the last second of a step from 60 to 360 W at t = 2.
double averaged_step(double t) { return 60 + 300 * std::clamp(t - 2, 0.0, 1.0); }

TEST(PowerTrack, an_averaged_reading_is_shifted_by_half_its_window) {
  const Total total = poll(PowerTrack(std::chrono::seconds(1)), 6, averaged_step);
  EXPECT_NEAR(total.joules, 60 * 2 + 360 * 4, 0.5);
  EXPECT_NEAR(total.covered, 6, 1e-9);
  EXPECT_GE(total.lowest_begin, 0);
  // Taken as instantaneous, half a window of the step would be missing.
  EXPECT_LT(poll(PowerTrack(), 6, averaged_step).joules, 60 * 2 + 360 * 4 - 149);
}

TEST(PowerTrack, the_tail_holds_the_last_value_until_the_last_poll) {
  PowerTrack track(std::chrono::seconds(1));
  EXPECT_FALSE(track.tail().has_value());
  for (int i = 0; i <= 10; ++i) (void)track.step(watts(100 + i), at(i * 0.2), kHole);
  const auto tail = track.tail();
  ASSERT_TRUE(tail.has_value());
  EXPECT_EQ(tail->span, (BootInterval{at(1.5), at(2.0)}));
  EXPECT_DOUBLE_EQ(as_joules(tail->energy), 55);
}

TEST(PowerTrack, a_hole_between_two_polls_is_a_gap_not_a_trapezoid) {
  PowerTrack track;
  (void)track.step(watts(100), at(0), kHole);
  EXPECT_FALSE(track.step(watts(100), at(1), kHole).has_value());
  const auto next = track.step(watts(100), at(1.1), kHole);
  ASSERT_TRUE(next.has_value() && next->has_value());
  EXPECT_EQ((*next)->span, (BootInterval{at(1), at(1.1)}));
}

}  // namespace
}  // namespace lowtide::sense
