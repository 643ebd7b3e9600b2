#include "series/intensity_series.h"

#include <gtest/gtest.h>

#include "series/series_for_test.h"

namespace lowtide {
namespace {

using std::chrono::minutes;

TEST(IntensitySeries, a_value_holds_over_its_half_open_piece_only) {
  const auto series = intensity_of({{0, 30, 100}, {30, 60, 300}, {90, 120, 50}});
  EXPECT_EQ(series.at(minute(-0.001)), std::nullopt);
  EXPECT_EQ(series.at(minute(0)), grams_per_kwh(100));
  EXPECT_EQ(series.at(minute(29.99)), grams_per_kwh(100));
  EXPECT_EQ(series.at(minute(30)), grams_per_kwh(300));
  EXPECT_EQ(series.at(minute(60)), std::nullopt) << "the gap is not filled";
  EXPECT_EQ(series.at(minute(119)), grams_per_kwh(50));
  EXPECT_EQ(series.at(minute(120)), std::nullopt);
}

TEST(IntensitySeries, mean_is_weighted_by_time_over_what_is_covered) {
  const auto series = intensity_of({{0, 10, 100}, {10, 40, 300}});
  const auto whole = series.mean(minutes_of(0, 40));
  EXPECT_NEAR(as_grams_per_kwh(whole.value.value()), 250, 1e-9);
  EXPECT_EQ(whole.covered, minutes(40));
  const auto part = series.mean(minutes_of(5, 15));
  EXPECT_NEAR(as_grams_per_kwh(part.value.value()), 200, 1e-9);
  EXPECT_EQ(part.covered, minutes(10));
}

TEST(IntensitySeries, a_gap_lowers_the_coverage_and_never_the_mean) {
  const auto series = intensity_of({{0, 10, 100}, {30, 40, 200}});
  const auto mean = series.mean(minutes_of(0, 60));
  EXPECT_NEAR(as_grams_per_kwh(mean.value.value()), 150, 1e-9);
  EXPECT_EQ(mean.covered, minutes(20));
  EXPECT_EQ(series.covered(minutes_of(5, 35)), minutes(10));
}

TEST(IntensitySeries, a_mean_over_nothing_is_absent_and_not_zero) {
  const auto series = intensity_of({{0, 10, 100}});
  for (const Interval over : {minutes_of(10, 20), minutes_of(-5, 0), minutes_of(5, 5)}) {
    const auto mean = series.mean(over);
    EXPECT_EQ(mean.value, std::nullopt);
    EXPECT_EQ(mean.covered, Duration::zero());
    EXPECT_EQ(mean.quality, Quality::gap);
  }
  EXPECT_EQ(IntensitySeries{}.mean(minutes_of(0, 1)).value, std::nullopt);
}

TEST(IntensitySeries, the_quality_of_a_mean_is_the_worst_of_the_pieces_it_used) {
  const auto series =
      IntensitySeries::from({{minutes_of(0, 10), grams_per_kwh(1), Quality::measured},
                             {minutes_of(10, 20), grams_per_kwh(1), Quality::filled},
                             {minutes_of(20, 30), grams_per_kwh(1), Quality::gap}})
          .value();
  EXPECT_EQ(series.mean(minutes_of(0, 10)).quality, Quality::measured);
  EXPECT_EQ(series.mean(minutes_of(5, 20)).quality, Quality::filled);
}

TEST(IntensitySeries, a_slice_is_cut_at_its_ends_and_keeps_values_and_gaps) {
  const auto series = intensity_of({{0, 10, 100}, {20, 30, 200}, {30, 40, 300}});
  const auto cut = series.slice(minutes_of(5, 35));
  ASSERT_EQ(cut.pieces().size(), 3U);
  EXPECT_EQ(cut.pieces()[0].span, minutes_of(5, 10));
  EXPECT_EQ(cut.pieces()[1].span, minutes_of(20, 30));
  EXPECT_EQ(cut.pieces()[2].span, minutes_of(30, 35));
  EXPECT_EQ(cut.pieces()[2].value, grams_per_kwh(300));
  EXPECT_TRUE(series.slice(minutes_of(10, 20)).empty());
}

TEST(IntensitySeries, a_piece_that_is_cut_keeps_its_quality_and_origin) {
  const auto series =
      *IntensitySeries::from({{minutes_of(0, 10), grams_per_kwh(100), Quality::modelled, 0},
                              {minutes_of(10, 20), grams_per_kwh(200), Quality::measured, 3}});
  const auto cut = series.slice(minutes_of(5, 15));
  ASSERT_EQ(cut.pieces().size(), 2U);
  EXPECT_EQ(cut.pieces()[0].quality, Quality::modelled);
  EXPECT_EQ(cut.pieces()[1].origin, 3U);
}

TEST(IntensitySeries, a_slice_of_no_length_has_no_pieces) {
  const auto series = intensity_of({{0, 10, 100}});
  EXPECT_TRUE(series.slice(minutes_of(5, 5)).empty());
  EXPECT_TRUE(series.slice(minutes_of(6, 5)).empty());
}

TEST(IntensitySeries, empty_overlapping_and_backward_pieces_are_refused) {
  const auto refuse = [](std::vector<IntensityPiece> pieces) {
    const auto series = IntensitySeries::from(std::move(pieces));
    ASSERT_FALSE(series);
    EXPECT_EQ(series.error().kind, ErrorKind::malformed);
    EXPECT_NE(series.error().message.find("2026-01-05T00:"), std::string::npos)
        << "the instant is named: " << series.error().message;
  };
  refuse({{minutes_of(5, 5), grams_per_kwh(1)}});
  refuse({{minutes_of(5, 4), grams_per_kwh(1)}});
  refuse({{minutes_of(0, 10), grams_per_kwh(1)}, {minutes_of(9, 20), grams_per_kwh(1)}});
  refuse({{minutes_of(10, 20), grams_per_kwh(1)}, {minutes_of(0, 10), grams_per_kwh(1)}});
}

}  // namespace
}  // namespace lowtide
