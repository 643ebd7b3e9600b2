#include "sense/counter.h"

#include <gtest/gtest.h>

namespace lowtide::sense {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

BootTime at(double s) { return BootTime(lowtide::seconds(s)); }

CounterRules gpu_rules() { return {joules(1e-3), std::nullopt, watts(1200)}; }
CounterRules rapl_rules() { return {joules(1e-6), 262'143'328'850, watts(750)}; }

TEST(CounterTrack, the_first_value_is_only_a_mark) {
  CounterTrack track(gpu_rules());
  const auto step = track.step(5000, at(10));
  ASSERT_TRUE(step.has_value());
  EXPECT_FALSE(step->has_value());
  EXPECT_EQ(track.mark()->raw, 5000u);
}

TEST(CounterTrack, energy_is_the_difference_over_the_time_between_the_reads) {
  CounterTrack track(gpu_rules());
  (void)track.step(5'000'000, at(10));
  const auto step = track.step(5'300'000, at(11));
  ASSERT_TRUE(step.has_value() && step->has_value());
  EXPECT_DOUBLE_EQ(as_joules((*step)->energy), 300);
  EXPECT_EQ((*step)->span, (BootInterval{at(10), at(11)}));
  EXPECT_EQ((*step)->quality, Quality::measured);
}

TEST(CounterTrack, missed_reads_keep_their_energy_as_spread) {
  CounterTrack track(gpu_rules());
  (void)track.step(0, at(0));
  const auto step = track.step(1'200'000, at(4));
  ASSERT_TRUE(step.has_value() && step->has_value());
  EXPECT_DOUBLE_EQ(as_joules((*step)->energy), 1200);
  EXPECT_EQ((*step)->quality, Quality::spread);
}

TEST(CounterTrack, a_fall_without_a_range_is_a_gap_and_counting_goes_on_from_there) {
  CounterTrack track(gpu_rules());
  (void)track.step(5'000'000, at(0));
  EXPECT_FALSE(track.step(100, at(1)).has_value());
  const auto step = track.step(200'100, at(2));
  ASSERT_TRUE(step.has_value() && step->has_value());
  EXPECT_DOUBLE_EQ(as_joules((*step)->energy), 200);
  EXPECT_EQ((*step)->span, (BootInterval{at(1), at(2)}));
}

TEST(CounterTrack, a_plausible_fall_within_a_range_is_a_wrap) {
  CounterTrack track(rapl_rules());
  (void)track.step(262'143'328'850 - 40'000'000, at(0));
  const auto step = track.step(25'000'000, at(1));
  ASSERT_TRUE(step.has_value() && step->has_value());
  EXPECT_NEAR(as_joules((*step)->energy), 65, 1e-9);
}

TEST(CounterTrack, a_fall_that_would_need_too_much_power_is_a_reset) {
  CounterTrack track(rapl_rules());
  (void)track.step(100'000'000'000, at(0));
  const auto step = track.step(25'000'000, at(1));
  ASSERT_FALSE(step.has_value());
  EXPECT_NE(step.error().message.find("reset"), std::string::npos);
}

TEST(CounterTrack, a_hole_in_which_two_wraps_fit_is_not_guessed) {
  CounterTrack track(rapl_rules());
  (void)track.step(1'000'000, at(0));
  // 750 W for an hour is ten times the range: the difference says nothing.
  const auto step = track.step(66'000'000, at(3600));
  ASSERT_FALSE(step.has_value());
  EXPECT_NE(step.error().message.find("more than once"), std::string::npos);
}

TEST(CounterTrack, a_jump_no_device_can_draw_is_a_gap) {
  CounterTrack track(gpu_rules());
  (void)track.step(0, at(0));
  EXPECT_FALSE(track.step(100'000'000, at(1)).has_value());
}

TEST(CounterTrack, a_coarse_counter_may_step_between_two_close_reads) {
  CounterTrack track(gpu_rules());
  (void)track.step(0, at(0));
  const auto step = track.step(40'000, at(0.005));  // 100 ms at 400 W, seen 5 ms apart
  ASSERT_TRUE(step.has_value() && step->has_value());
  EXPECT_DOUBLE_EQ(as_joules((*step)->energy), 40);
}

TEST(CounterTrack, a_counter_not_updated_yet_is_covered_at_once_after_a_read) {
  CounterTrack track(gpu_rules());
  (void)track.step(6, at(-1));
  (void)track.step(7, at(0));
  const auto step = track.step(7, at(0.05));
  ASSERT_TRUE(step.has_value() && step->has_value());
  EXPECT_EQ((*step)->energy, Energy());
}

TEST(CounterTrack, a_counter_that_has_never_moved_is_not_a_zero_however_soon_it_is_read) {
  CounterTrack track(gpu_rules());
  (void)track.step(7, at(0));
  const auto step = track.step(7, at(0.05));
  ASSERT_TRUE(step.has_value());
  EXPECT_FALSE(step->has_value());
}

TEST(CounterTrack, a_counter_that_stands_still_is_not_a_zero) {
  CounterTrack track(gpu_rules());
  (void)track.step(7, at(0));
  int told = 0;
  for (int s = 1; s <= 8; ++s) {
    const auto step = track.step(7, at(s));
    if (!step) {
      ++told;
    } else {
      EXPECT_FALSE(step->has_value()) << s;
    }
  }
  EXPECT_EQ(told, 1);
  const auto moved = track.step(900'007, at(9));
  ASSERT_TRUE(moved.has_value() && moved->has_value());
  EXPECT_EQ((*moved)->span, (BootInterval{at(0), at(9)}));
  EXPECT_EQ((*moved)->quality, Quality::spread);
}

TEST(CounterTrack, a_standstill_is_a_gap_when_the_counter_lost_it_and_spread_when_it_caught_up) {
  for (const bool lost : {true, false}) {
    CounterTrack track(gpu_rules());
    (void)track.step(0, at(0));
    (void)track.step(300'000, at(1));
    (void)track.step(306'000, at(2));  // it froze soon after
    for (int s = 3; s <= 9; ++s) (void)track.step(306'000, at(s));
    const auto moved = track.step(306'000 + (lost ? 300'000 : 2'400'000), at(10));
    ASSERT_TRUE(moved.has_value() && moved->has_value());
    EXPECT_EQ((*moved)->span, (BootInterval{at(lost ? 9 : 2), at(10)}));
    EXPECT_DOUBLE_EQ(as_watts((*moved)->energy / (*moved)->span.length()), 300);
    EXPECT_EQ((*moved)->quality, lost ? Quality::measured : Quality::spread);
  }
}

TEST(CounterTrack, a_restored_mark_bridges_the_hole_once) {
  CounterTrack track(gpu_rules());
  track.restore({1'000'000, at(5)});
  const auto bridged = track.step(1'900'000, at(8));
  ASSERT_TRUE(bridged.has_value() && bridged->has_value());
  EXPECT_EQ((*bridged)->quality, Quality::bridged);
  EXPECT_DOUBLE_EQ(as_joules((*bridged)->energy), 900);
  EXPECT_EQ((*track.step(2'000'000, at(9)))->quality, Quality::measured);
}

TEST(CounterTrack, a_restored_mark_above_the_counter_bridges_nothing) {
  CounterTrack track(gpu_rules());
  track.restore({1'000'000, at(5)});
  EXPECT_FALSE(track.step(10, at(8)).has_value());
}

TEST(Marks, survive_being_written_and_read) {
  const CounterMark mark{18'446'744'073'709'551'615u, BootTime(milliseconds(123456789))};
  const std::string text = write_mark("GPU-1", mark) + write_mark("rapl:package-0", {7, at(1)});
  const auto marks = read_marks(text);
  ASSERT_EQ(marks.size(), 2u);
  EXPECT_EQ(marks.at("GPU-1"), mark);
  EXPECT_EQ(marks.at("rapl:package-0").raw, 7u);
}

TEST(Marks, a_broken_line_is_left_out) {
  const auto marks = read_marks("a\nb 1\nc 1 x\n 1 2\nd -1 5\n\ne 1 2\nf 1 2");
  EXPECT_EQ(marks.size(), 2u);
  EXPECT_TRUE(marks.contains("e"));
  EXPECT_TRUE(marks.contains("f"));
}

}  // namespace
}  // namespace lowtide::sense
