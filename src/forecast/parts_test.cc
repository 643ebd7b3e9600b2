// The parts of the fitted models: least squares, groups of leads, bands.
#include <gtest/gtest.h>

#include "forecast/bands.h"
#include "forecast/leads.h"
#include "forecast/linear.h"
#include "forecast/made_for_test.h"

namespace lowtide::forecast {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TEST(Linear, finds_the_coefficients_that_made_the_rows) {
  Linear linear(4);
  Noise draw(3);
  for (int i = 0; i < 500; ++i) {
    const double a = draw();
    const double b = 100 * draw();
    linear.add(std::vector{1.0, a, b, 0.0}, 7 - 2 * a + 0.5 * b);
  }
  linear.solve(1e-9);
  EXPECT_NEAR(linear.at(std::vector{1.0, 0.0, 0.0, 0.0}), 7, 1e-5);
  EXPECT_NEAR(linear.at(std::vector{0.0, 1.0, 0.0, 0.0}), -2, 1e-5);
  EXPECT_NEAR(linear.at(std::vector{0.0, 0.0, 1.0, 0.0}), 0.5, 1e-5);
  EXPECT_EQ(linear.at(std::vector{0.0, 0.0, 0.0, 1.0}), 0) << "a column that was always zero";
}

TEST(Linear, columns_that_say_the_same_share_what_they_say) {
  Linear linear(2);
  for (int i = 1; i < 100; ++i) linear.add(std::vector<double>(2, i), 3.0 * i);
  linear.solve(1e-3);
  EXPECT_NEAR(linear.at(std::vector{1.0, 0.0}), 1.5, 1e-2);
  EXPECT_NEAR(linear.at(std::vector{0.0, 1.0}), 1.5, 1e-2);
}

TEST(Leads, groups_cover_each_slot_once) {
  for (const int step : {5, 10, 15, 20, 30, 60}) {
    for (const std::size_t slots : {1U, 5U, 12U, 13U, 576U}) {
      std::size_t next = 0;
      for (const LeadGroup& group : lead_groups(minutes(step), slots)) {
        EXPECT_EQ(group.begin, next);
        EXPECT_GT(group.end, group.begin);
        next = group.end;
      }
      EXPECT_EQ(next, slots) << step;
    }
  }
  EXPECT_EQ(lead_groups(hours(1), 48).size(), 48U);
  EXPECT_EQ(lead_groups(minutes(5), 576).size(), 5U + 47U);
}

TEST(Leads, each_slot_of_a_group_comes_up) {
  for (const std::size_t size : {1U, 2U, 3U, 4U, 12U}) {
    const LeadGroup group{20, 20 + size};
    std::vector<bool> seen(size);
    for (std::size_t k = 0; k < size; ++k) seen[lead_of(group, k) - 20] = true;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), true), static_cast<std::ptrdiff_t>(size));
  }
}

// Share of what came that lay in the band, over moments after the fit.
double covered(std::string_view name, const History& history, double level) {
  const Past past = history.all();
  const std::size_t from = past.size() - 60 * past.per_day();
  const Fitted fitted(*find_forecaster(name), past.first(from));
  int inside = 0;
  int count = 0;
  for (std::size_t at = from; at + 48 <= past.size(); at += 5) {
    const Forecast said = fitted.predict(past.first(at), 48, level);
    for (std::size_t i = 0; i < 48; ++i, ++count) {
      const Intensity was = past.values[at + i];
      inside += was >= said.low[i] && was <= said.high[i] ? 1 : 0;
    }
  }
  return inside / static_cast<double>(count);
}

TEST(Bands, hold_the_share_that_they_say) {
  const History history = made(400, hours(1), 0.8, 30);
  for (const auto* name : {"mean-7-days", "decay", "blend"}) {
    EXPECT_NEAR(covered(name, history, 0.8), 0.8, 0.05) << name;
    EXPECT_NEAR(covered(name, history, 0.5), 0.5, 0.05) << name;
  }
}

TEST(Bands, are_narrow_at_first_and_by_time_of_day) {
  // Nights have no noise.
  History history = made(200, hours(1), 0.9, 40);
  for (std::size_t i = 0; i < history.values.size(); ++i) {
    if (i % 24 < 6) history.values[i] = grams_per_kwh(200);
  }
  const Fitted fitted(*find_forecaster("decay"), history.all());
  const Forecast said = fitted.predict(history.all(), 48, 0.8);
  const auto width = [&](std::size_t i) { return as_grams_per_kwh(said.high[i] - said.low[i]); };
  EXPECT_LT(width(3), 0.7 * width(15)) << "the past ends at midnight";
  EXPECT_LT(width(26), 0.7 * width(38));
  EXPECT_GT(said.errors, kFewestErrors);
}

TEST(Bands, too_few_errors_are_no_band) {
  const History history = made(9, hours(1), 0.9, 40);
  const Forecast said =
      Fitted(*find_forecaster("decay"), history.all()).predict(history.all(), 24, 0.8);
  EXPECT_TRUE(is_known(said.point[0]));
  EXPECT_FALSE(is_known(said.low[0]));
  EXPECT_FALSE(is_known(said.high[0]));
  EXPECT_EQ(said.errors, 0U);
}

TEST(Bands, see_nothing_of_what_comes_after) {
  History history = made(200, hours(1), 0.9, 40);
  const std::size_t now = 24UL * 170;
  const auto say = [&] {
    const Past past = history.all().first(now);
    return Fitted(*find_forecaster("blend"), past).predict(past, 48, 0.8);
  };
  const Forecast before = say();
  for (std::size_t i = now; i < history.values.size(); ++i) history.values[i] = kUnknown;
  const Forecast after = say();
  EXPECT_EQ(before.low, after.low);
  EXPECT_EQ(before.high, after.high);
  EXPECT_EQ(before.point, after.point);
}

}  // namespace
}  // namespace lowtide::forecast
