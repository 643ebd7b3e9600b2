#include "plan/gate.h"

#include <gtest/gtest.h>

#include "plan/problem_for_test.h"

namespace lowtide::plan {
namespace {

// An hour of work now, at 100 g/kWh, or in the fourth slot, at 50.
const std::vector<Intensity> kSaid = {grams_per_kwh(100), grams_per_kwh(100), grams_per_kwh(100),
                                      grams_per_kwh(50)};
const std::vector<Energy> kWork = {kwh(1)};
const Slots kNow = {0};
const Slots kLater = {3};

Off off_by(double last) { return {Intensity{}, Intensity{}, Intensity{}, grams_per_kwh(last)}; }

// The errors of the last slot: -10, -9, .. of as many windows.
std::vector<Off> from(int first, int count) {
  std::vector<Off> all;
  all.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) all.push_back(off_by(first + i));
  return all;
}

TEST(Gate, without_errors_the_promise_is_the_range) {
  const std::vector<Off> off(20, off_by(0));
  const auto range = saved_range({kSaid, kWork}, kNow, kLater, off);
  ASSERT_TRUE(range);
  EXPECT_DOUBLE_EQ(range->low, 0.5);
  EXPECT_DOUBLE_EQ(range->high, 0.5);
  EXPECT_DOUBLE_EQ(range->gate, 0.5);
  EXPECT_EQ(range->windows, 20U);
}

TEST(Gate, the_range_is_what_the_errors_make_of_the_saving) {
  // Of 100 windows the later slot comes to 0, 1, .., 99: saved are 100 %, 99 %, .., 1 %.
  const auto range = saved_range({kSaid, kWork}, kNow, kLater, from(-50, 100));
  ASSERT_TRUE(range);
  EXPECT_NEAR(range->low, 0.11, 1e-12) << "ten of a hundred saved less";
  EXPECT_NEAR(range->high, 0.90, 1e-12) << "ten saved more";
  EXPECT_NEAR(range->gate, 0.05, 1e-12) << "four saved less";
}

TEST(Gate, one_bad_window_in_ten_shuts_it_although_the_mean_gains) {
  std::vector<Off> off(90, off_by(0));
  for (int i = 0; i < 10; ++i) off.push_back(off_by(100));
  const auto range = saved_range({kSaid, kWork}, kNow, kLater, off);
  ASSERT_TRUE(range);
  EXPECT_NEAR(range->gate, -0.5, 1e-12);
}

TEST(Gate, errors_that_go_together_cancel) {
  // Both slots are off by the same: a plan's saving in grams does not change.
  std::vector<Off> off;
  off.reserve(50);
  for (int i = 0; i < 50; ++i) off.emplace_back(4, grams_per_kwh(i));
  const auto range = saved_range({kSaid, kWork}, kNow, kLater, off);
  ASSERT_TRUE(range);
  EXPECT_GT(range->gate, 50.0 / 150 - 1e-12);
}

TEST(Gate, charges_count_and_no_intensity_falls_below_zero) {
  Problem problem{kSaid, kWork};
  problem.charges.machine = Machine::held;
  problem.charges.hold_per_hour = grams(120);  // 10 g a slot
  const std::vector<Off> off(20, off_by(-80));
  const auto range = saved_range(problem, kNow, kLater, off);
  ASSERT_TRUE(range);
  EXPECT_NEAR(range->low, 1 - 30.0 / 100, 1e-12) << "three slots held, work at no carbon at all";
}

TEST(Gate, windows_that_are_not_known_are_left_out_and_too_few_say_nothing) {
  std::vector<Off> off(19, off_by(0));
  EXPECT_FALSE(saved_range({kSaid, kWork}, kNow, kLater, off));
  off.emplace_back(4, kMissing);
  EXPECT_FALSE(saved_range({kSaid, kWork}, kNow, kLater, off));
  off.push_back({Intensity{}, kMissing, kMissing, Intensity{}});
  EXPECT_TRUE(saved_range({kSaid, kWork}, kNow, kLater, off))
      << "nothing runs where it is not known";
}

}  // namespace
}  // namespace lowtide::plan
