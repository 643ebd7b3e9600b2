#include "study/starts.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace lowtide::study {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

Utc at(const char* text) { return *parse_utc(text); }

std::vector<Carbon> all_grams(const std::vector<double>& values) {
  std::vector<Carbon> out;
  for (const double value : values) out.push_back(grams(value));
  return out;
}

TEST(Starts, quartiles_are_linear_between_the_nearest_starts) {
  // Sorted 1 2 4 8 16 32: quartiles at places 1.25, 2.5 and 3.75.
  const auto figures =
      figures_of(all_grams({16, 1, 32, 2, 8, 4}), at("2026-03-01T00:00Z"), std::nullopt);
  EXPECT_EQ(figures.all.starts, 6U);
  EXPECT_DOUBLE_EQ(as_grams(figures.all.min), 1);
  EXPECT_DOUBLE_EQ(as_grams(figures.q1), 2.5);
  EXPECT_DOUBLE_EQ(as_grams(figures.median), 6);
  EXPECT_DOUBLE_EQ(as_grams(figures.all.mean), 10.5);
  EXPECT_DOUBLE_EQ(as_grams(figures.q3), 14);
  EXPECT_DOUBLE_EQ(as_grams(figures.all.max), 32);
  EXPECT_EQ(figures.best_begin, at("2026-03-01T00:05Z"));
  EXPECT_FALSE(figures.now);
}

TEST(Starts, one_start_is_all_of_its_figures) {
  const auto figures = figures_of(all_grams({7}), at("2026-03-01T00:00Z"), std::nullopt);
  for (const Carbon value : {figures.all.min, figures.q1, figures.median, figures.all.mean,
                             figures.q3, figures.all.max}) {
    EXPECT_DOUBLE_EQ(as_grams(value), 7);
  }
}

TEST(Starts, a_gap_is_no_start_and_never_a_zero) {
  const Utc first = at("2026-03-01T00:00Z");
  const auto values = all_grams({kGap, 6, kGap, 4});
  const auto figures = figures_of(values, first, first + minutes(11));
  EXPECT_EQ(figures.all.starts, 2U);
  EXPECT_DOUBLE_EQ(as_grams(figures.all.mean), 5);
  EXPECT_EQ(figures.best_begin, first + minutes(15));
  EXPECT_FALSE(figures.now) << "now is in a gap";
  EXPECT_EQ(figures_of(all_grams({kGap, kGap}), first, first).all.starts, 0U);
  EXPECT_EQ(figures_of({}, first, first).all.starts, 0U);
}

TEST(Starts, now_is_the_start_whose_slot_holds_it) {
  const Utc first = at("2026-03-01T00:00Z");
  const auto values = all_grams({3, 6, 9});
  EXPECT_DOUBLE_EQ(as_grams(*figures_of(values, first, first + minutes(9)).now), 6);
  EXPECT_FALSE(figures_of(values, first, first + minutes(15)).now);
  EXPECT_FALSE(figures_of(values, first, first - minutes(1)).now);
}

TEST(Starts, of_equal_starts_the_earliest_is_best) {
  const auto figures = figures_of(all_grams({5, 2, 9, 2}), at("2026-03-01T00:00Z"), std::nullopt);
  EXPECT_EQ(figures.best_begin, at("2026-03-01T00:05Z"));
}

// Two days over the end of a leap February: a start is of the month and hour in which it begins.
TEST(Starts, months_and_hours_go_by_the_start) {
  std::vector<Carbon> values;
  for (int slot = 0; slot < 2 * 288; ++slot) {
    const int hour = slot / 12 % 24;
    values.push_back(grams(slot < 288 ? 100 + hour : 200 + hour));
  }
  const auto figures = figures_of(values, at("2024-02-29T00:00Z"), std::nullopt);
  EXPECT_EQ(figures.months[1].starts, 288U);
  EXPECT_DOUBLE_EQ(as_grams(figures.months[1].mean), 111.5);
  EXPECT_DOUBLE_EQ(as_grams(figures.months[1].max), 123);
  EXPECT_DOUBLE_EQ(as_grams(figures.months[2].min), 200);
  EXPECT_EQ(figures.months[3].starts, 0U);
  for (std::size_t hour = 0; hour < 24; ++hour) {
    EXPECT_EQ(figures.hours.at(hour).starts, 24U);
    EXPECT_DOUBLE_EQ(as_grams(figures.hours.at(hour).mean), 150 + static_cast<double>(hour));
  }
}

TEST(Starts, what_is_added_is_added_to_every_start) {
  const Utc first = at("2026-03-01T00:00Z");
  const auto figures = plus(figures_of(all_grams({1, 2, 4}), first, first), grams(10));
  EXPECT_DOUBLE_EQ(as_grams(figures.all.min), 11);
  EXPECT_DOUBLE_EQ(as_grams(figures.q1), 11.5);
  EXPECT_DOUBLE_EQ(as_grams(figures.all.mean), 10 + 7.0 / 3);
  EXPECT_DOUBLE_EQ(as_grams(*figures.now), 11);
  EXPECT_DOUBLE_EQ(as_grams(figures.hours[0].max), 14);
  EXPECT_DOUBLE_EQ(as_grams(figures.months[2].mean), 10 + 7.0 / 3);
}

}  // namespace
}  // namespace lowtide::study
