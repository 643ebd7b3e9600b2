#include "grid/outlook.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>

#include "grid/test_files.h"
#include "series/origin.h"

namespace lowtide::grid {
namespace {

using std::chrono::days;
using std::chrono::hours;

const Utc kNow = *parse_utc("2026-03-01T12:00Z");

// 300 g/kWh and 100 of it between 02:00 and 06:00, each day the same.
double of_hour(Utc t) {
  const auto hour = (t.time_since_epoch() / hours(1)) % 24;
  return hour >= 2 && hour < 6 ? 100 : 300;
}

class OutlookTest : public testing::Test {
 protected:
  // Hourly from so many days before `now` to `end`.
  std::string file(int days_before, Utc end = kNow) {
    const std::string path = folder_.path() + "/series.csv";
    std::ofstream out(path);
    out << "time,g_per_kwh\n";
    for (Utc t = kNow - days(days_before); t < end; t += hours(1)) {
      out << format_utc(t) << ',' << of_hour(t) << '\n';
    }
    return path;
  }
  std::unique_ptr<Outlook> outlook(const std::string& spec) {
    SourceRequest request{spec, find_place("DE", kShippedData).value(), Signal::average,
                          kShippedData};
    auto opened = open_source(request);
    EXPECT_TRUE(opened) << opened.error().line();
    return std::make_unique<Outlook>(request, std::move(*opened), kNow);
  }

 private:
  TestFolder folder_;
};

TEST_F(OutlookTest, goes_on_where_the_values_end) {
  const auto source = outlook("file:" + file(100));
  const auto used = source->fetch({kNow - hours(3), kNow + days(2)});
  ASSERT_TRUE(used);
  EXPECT_EQ(used->series.covered({kNow - hours(3), kNow + days(2)}), Duration(hours(51)));
  for (const IntensityPiece& piece : used->series.pieces()) {
    EXPECT_NEAR(as_grams_per_kwh(piece.value), of_hour(piece.span.begin), 3)
        << format_utc(piece.span.begin);
    const IntensityOrigin origin = origin_of(*used, piece);
    EXPECT_EQ(origin.source == kOwnForecast, piece.span.begin >= kNow);
    if (piece.span.begin < kNow) continue;
    EXPECT_EQ(origin.kind, IntensityKind::forecast);
    EXPECT_EQ(origin.issued, kNow);
    EXPECT_EQ(piece.quality, Quality::modelled);
  }
  EXPECT_EQ(used->source, "file + forecast");
  EXPECT_NE(used->model.find("lowtide's own forecast (blend) from file"), std::string::npos);
  EXPECT_EQ(least_sure(*used, {kNow, kNow + days(2)}), IntensityKind::forecast);
}

TEST_F(OutlookTest, stands_before_a_typical_year_for_seven_days) {
  const auto source = outlook("file:" + file(100) + ",typical");
  const auto used = source->fetch({kNow, kNow + days(9)});
  ASSERT_TRUE(used);
  EXPECT_EQ(used->series.covered({kNow, kNow + days(9)}), Duration(days(9)));
  for (const IntensityPiece& piece : used->series.pieces()) {
    const bool own = origin_of(*used, piece).source == kOwnForecast;
    EXPECT_EQ(own, piece.span.begin < kNow + kOwnAhead) << format_utc(piece.span.begin);
  }
  EXPECT_EQ(least_sure(*used, {kNow, kNow + days(9)}), IntensityKind::typical);
  EXPECT_EQ(least_sure(*used, {kNow, kNow + kOwnAhead}), IntensityKind::forecast);
}

TEST_F(OutlookTest, says_nothing_where_too_little_or_nothing_new_is_known) {
  const Interval ahead{kNow, kNow + days(1)};
  for (const std::string& path : {file(89), file(100, kNow - days(8))}) {
    EXPECT_TRUE(outlook("file:" + path)->fetch(ahead)->series.empty());
  }
  EXPECT_FALSE(outlook("file:" + file(89))->learned_from());
}

TEST_F(OutlookTest, learns_from_what_had_been_though_more_is_known) {
  // The hour of now and the next one are on record: they are taken, not learned from.
  const auto source = outlook("file:" + file(100, kNow + hours(2)));
  ASSERT_TRUE(source->learned_from());
  EXPECT_EQ(source->learned_from()->end, kNow);
  const auto used = source->fetch({kNow, kNow + hours(4)});
  EXPECT_EQ(least_sure(*used, {kNow, kNow + hours(2)}), IntensityKind::stated);
  EXPECT_TRUE(has_own_forecast(*used, {kNow + hours(2), kNow + hours(4)}));
}

TEST_F(OutlookTest, leaves_a_series_alone_that_goes_on) {
  // The user's own hours to come, for half of the window.
  const auto source = outlook("file:" + file(100, kNow + hours(12)));
  const auto used = source->fetch({kNow, kNow + days(1)});
  EXPECT_EQ(used->series.covered({kNow, kNow + days(1)}), Duration(hours(12)));
  EXPECT_TRUE(
      source->past_errors(*source->fetch({kNow - days(7), kNow + days(2)}), {kNow, kNow + days(1)})
          .empty());
}

TEST_F(OutlookTest, and_one_value_or_a_typical_year) {
  for (const char* spec : {"475g/kWh", "typical"}) {
    const auto source = outlook(spec);
    const auto used = source->fetch({kNow, kNow + days(1)});
    ASSERT_TRUE(used) << spec;
    EXPECT_FALSE(has_own_forecast(*used, {kNow, kNow + days(1)})) << spec;
    EXPECT_TRUE(
        source
            ->past_errors(*source->fetch({kNow - days(7), kNow + days(2)}), {kNow, kNow + days(1)})
            .empty())
        << spec;
  }
}

TEST_F(OutlookTest, its_past_errors_are_by_slot_and_small_where_days_are_alike) {
  const auto source = outlook("file:" + file(200));
  const auto errors = source->past_errors(*source->fetch({kNow - days(7), kNow + days(2)}),
                                          {kNow, kNow + hours(30)});
  ASSERT_GE(errors.size(), 90U);
  for (const auto& window : errors) {
    ASSERT_EQ(window.size(), 360U) << "5-minute slots";
    for (const Intensity off : window) EXPECT_LT(std::abs(as_grams_per_kwh(off)), 3);
  }
}

TEST_F(OutlookTest, a_slot_that_is_known_has_no_error) {
  // The hour of now is on record already.
  const auto source = outlook("file:" + file(200, kNow + hours(1)));
  const auto errors = source->past_errors(*source->fetch({kNow - days(7), kNow + days(2)}),
                                          {kNow, kNow + hours(6)});
  ASSERT_FALSE(errors.empty());
  for (const auto& window : errors) {
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(window[i], Intensity{});
  }
}

}  // namespace
}  // namespace lowtide::grid
