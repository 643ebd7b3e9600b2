#include "study/scale.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace lowtide::study {
namespace {

using plan::kMissing;

std::vector<Intensity> noise(std::size_t slots, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> grams(20, 700);
  std::vector<Intensity> out(slots);
  for (Intensity& each : out) each = grams_per_kwh(grams(random));
  return out;
}

ScaleAxes small_axes() { return {{{"1h", 1}, {"3h", 3}, {"7h", 7}}, {{"2h", 2}, {"9h", 9}}}; }

double sum_of(std::span<const Intensity> some) {
  return std::accumulate(some.begin(), some.end(), 0.0,
                         [](double sum, Intensity each) { return sum + as_grams_per_kwh(each); });
}

// By the definition: every window looked at by itself.
double slowly(std::span<const Intensity> intensity, std::size_t start, std::size_t work,
              std::size_t slack, StudyPolicy policy) {
  if (start + work + slack > intensity.size()) return std::nan("");
  const auto window = intensity.subspan(start, work + slack);
  if (!std::all_of(window.begin(), window.end(), plan::is_known)) return std::nan("");
  const double now = sum_of(window.first(work));
  double then = now;
  if (policy == StudyPolicy::lowest_slots) {
    std::vector<Intensity> sorted(window.begin(), window.end());
    std::sort(sorted.begin(), sorted.end());
    then = sum_of(std::span(sorted).first(work));
  } else {
    for (std::size_t wait = 0; wait <= slack; ++wait) {
      then = std::min(then, sum_of(window.subspan(wait, work)));
    }
  }
  return now > 0 ? 100 * (1 - then / now) : 0;
}

void expect_as_slowly(const std::vector<Intensity>& intensity, const ScaleAxes& axes) {
  const auto columns = columns_of(axes);
  const auto made = savings_of(intensity, axes);
  ASSERT_EQ(made.size(), columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    ASSERT_EQ(made[i].size(), intensity.size());
    for (std::size_t t = 0; t < intensity.size(); ++t) {
      const double truth = slowly(intensity, t, axes.lengths[columns[i].length].slots,
                                  axes.slacks[columns[i].slack].slots, columns[i].policy);
      ASSERT_EQ(std::isnan(made[i][t]), std::isnan(truth)) << "column " << i << " start " << t;
      if (std::isnan(truth)) continue;
      ASSERT_NEAR(made[i][t], truth, 0.00501) << "column " << i << " start " << t;
    }
  }
}

TEST(ScaleTest, each_start_saves_what_its_own_window_says) {
  expect_as_slowly(noise(300, 1), small_axes());
  const auto made = savings_of(noise(300, 1), small_axes());
  EXPECT_GT(made[2][0], 10);  // noise: there is something to save
}

TEST(ScaleTest, what_touches_a_gap_or_leaves_the_series_is_not_known) {
  auto intensity = noise(120, 2);
  intensity[40] = intensity[41] = kMissing;
  expect_as_slowly(intensity, small_axes());
  const auto made = savings_of(intensity, small_axes());
  EXPECT_FALSE(std::isnan(made[0][37]));  // 1 h and 2 h: slots 37 to 39
  EXPECT_TRUE(std::isnan(made[0][38]));
  EXPECT_FALSE(std::isnan(made[0][117]));
  EXPECT_TRUE(std::isnan(made[0][118]));
}

TEST(ScaleTest, a_series_shorter_than_the_window_has_starts_and_no_savings) {
  expect_as_slowly(noise(5, 3), small_axes());
  EXPECT_TRUE(savings_of({}, small_axes()).front().empty());
}

TEST(ScaleTest, a_constant_grid_and_one_without_emissions_save_exactly_nothing) {
  for (const double grams : {0.0, 0.1, 633.7}) {
    const std::vector<Intensity> flat(100, grams_per_kwh(grams));
    for (const auto& column : savings_of(flat, small_axes())) {
      for (const float each : column) EXPECT_TRUE(std::isnan(each) || each == 0) << each;
      EXPECT_EQ(column.front(), 0);
    }
  }
}

TEST(ScaleTest, columns_go_by_length_then_slack_then_policy) {
  const auto columns = columns_of(small_axes());
  ASSERT_EQ(columns.size(), 12U);
  EXPECT_EQ(columns[1].policy, StudyPolicy::lowest_slots);
  EXPECT_EQ(columns[2].slack, 1U);
  EXPECT_EQ(columns[2].length, 0U);
  EXPECT_EQ(columns[4].length, 1U);
}

TEST(ScaleTest, a_coarser_slot_is_the_mean_of_its_slots_and_missing_where_one_is) {
  const auto g = [](double value) { return grams_per_kwh(value); };
  const std::vector<Intensity> fine = {g(100), g(200), g(0.1), g(0.1), g(5), kMissing, g(7)};
  const auto made = coarser(fine, 2);
  ASSERT_EQ(made.size(), 3U);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(made[0]), 150);
  EXPECT_EQ(made[1], g(0.1));
  EXPECT_FALSE(plan::is_known(made[2]));
}

}  // namespace
}  // namespace lowtide::study
