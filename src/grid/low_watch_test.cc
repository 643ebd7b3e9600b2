#include "grid/low_watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace lowtide::grid {
namespace {

constexpr int kFirst = 20;  // line and place of the first odd value

// A hundred values about 300 with `odd` among them.
LowWatch watched(const std::vector<double>& odd, std::size_t after = 80) {
  LowWatch watch;
  std::int64_t line = 0;
  const auto add = [&](double value) { watch.add(grams_per_kwh(value), line++); };
  for (int i = 0; i < kFirst; ++i) add(290 + i);
  for (const double value : odd) add(value);
  for (std::size_t i = 0; i < after; ++i) add(300 + static_cast<double>(i % 7));
  return watch;
}

TEST(LowWatch, a_fall_to_a_seventh_is_low_and_so_is_each_of_six_in_a_row) {
  EXPECT_EQ(watched({42.7}).values(), 1);
  EXPECT_EQ(watched({42.7}).line(), kFirst);
  EXPECT_EQ(watched({46.9, 46.9, 46.9, 44.8}).values(), 4);
  EXPECT_EQ(watched({40, 41, 42, 43, 44, 45}).values(), 6);
  EXPECT_EQ(watched({40, 41, 42, 43, 44, 45, 46}).values(), 0) << "seven: the grid may be so";
}

TEST(LowWatch, two_falls_half_a_day_apart_are_both_seen) {
  std::vector<double> odd(30, 310);
  odd.front() = odd[19] = 43;
  EXPECT_EQ(watched(odd).values(), 2);
}

TEST(LowWatch, what_a_grid_may_do_is_not_low) {
  EXPECT_EQ(watched({}).values(), 0);
  EXPECT_EQ(watched({80}).values(), 0) << "above a quarter";
  EXPECT_EQ(watched({0}).values(), 0) << "a zero is counted as one";
  EXPECT_EQ(watched({-5}).values(), 0);
  EXPECT_EQ(watched({150, 60, 40, 60, 150}).values(), 0) << "by degrees";
  EXPECT_EQ(watched({40, 300, 90, 300, 300}).values(), 0) << "another near it is as low";
}

TEST(LowWatch, near_the_end_nothing_is_looked_at) {
  EXPECT_EQ(watched({40}, LowWatch::kNear + LowWatch::kMost).values(), 1);
  EXPECT_EQ(watched({40}, LowWatch::kNear - 1).values(), 0);
}

}  // namespace
}  // namespace lowtide::grid
