#include "forecast/forecaster.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>

#include "forecast/made_for_test.h"

namespace lowtide::forecast {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::vector<std::uint64_t> bits(const std::vector<Intensity>& values) {
  std::vector<std::uint64_t> out;
  out.reserve(values.size());
  for (const Intensity value : values) {
    out.push_back(std::bit_cast<std::uint64_t>(as_grams_per_kwh(value)));
  }
  return out;
}

std::unique_ptr<Forecaster> fitted(std::string_view name, const Past& past) {
  auto model = find_forecaster(name)->make();
  model->fit(past);
  return model;
}

// Mean absolute error over moments of the last `days`, an hour apart, of a model fitted before.
double error_of(std::string_view name, const History& history, std::size_t days) {
  const Past past = history.all();
  const std::size_t from = past.size() - days * past.per_day();
  const auto model = fitted(name, past.first(from));
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t at = from; at + 24 <= past.size(); ++at) {
    const auto said = model->predict(past.first(at), 24);
    for (std::size_t i = 0; i < said.size(); ++i, ++count) {
      sum += std::abs(as_grams_per_kwh(said[i] - past.values[at + i]));
    }
  }
  return sum / static_cast<double>(count);
}

class EveryModel : public testing::TestWithParam<std::string_view> {};

TEST_P(EveryModel, sees_nothing_of_what_comes_after) {
  for (const Duration step : {Duration(hours(1)), Duration(minutes(15))}) {
    History history = made(150, step, 0.9, 30);
    const std::size_t now = 120 * history.all().per_day() + 7;
    const auto before =
        fitted(GetParam(), history.all().first(now))->predict(history.all().first(now), 60);
    for (std::size_t i = now; i < history.values.size(); ++i) {
      history.values[i] = i % 3 == 0 ? kUnknown : grams_per_kwh(1e6 + static_cast<double>(i));
    }
    const auto after =
        fitted(GetParam(), history.all().first(now))->predict(history.all().first(now), 60);
    EXPECT_EQ(bits(before), bits(after));
  }
}

TEST_P(EveryModel, says_a_constant_of_a_constant) {
  const History history = made(60, hours(1), 0, 0);
  History flat = history;
  for (Intensity& value : flat.values) value = grams_per_kwh(250);
  for (const Intensity value : fitted(GetParam(), flat.all())->predict(flat.all(), 100)) {
    EXPECT_NEAR(as_grams_per_kwh(value), 250, 1e-6);
  }
}

TEST_P(EveryModel, leaves_a_gap_out_and_still_says_something) {
  History history = made(60, hours(1), 0.9, 20);
  const std::size_t n = history.values.size();
  for (std::size_t i = n - 50; i < n - 47; ++i) history.values[i] = kUnknown;
  history.values[n - 720] = kUnknown;
  for (const Intensity value : fitted(GetParam(), history.all())->predict(history.all(), 48)) {
    ASSERT_TRUE(is_known(value));
    EXPECT_GT(as_grams_per_kwh(value), 50) << "a gap counted as a zero";
  }
}

TEST_P(EveryModel, says_nothing_of_an_empty_past) {
  const History history{*parse_utc("2021-01-01"), hours(1), {}};
  for (const Intensity value : fitted(GetParam(), history.all())->predict(history.all(), 3)) {
    EXPECT_FALSE(is_known(value));
  }
}

TEST_P(EveryModel, is_never_below_zero) {
  History history = made(100, hours(1), 0.95, 400);
  for (const Intensity value : fitted(GetParam(), history.all())->predict(history.all(), 48)) {
    EXPECT_GE(as_grams_per_kwh(value), 0);
  }
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const ForecasterKind& kind : forecaster_kinds()) all.push_back(kind.name);
  return all;
}
INSTANTIATE_TEST_SUITE_P(Forecaster, EveryModel, testing::ValuesIn(names()), [](const auto& info) {
  std::string name(info.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Baselines, say_what_their_names_say) {
  // Ten days of hours, each value its number.
  History history{*parse_utc("2021-01-01"), hours(1), {}};
  for (int i = 0; i < 240; ++i) history.values.push_back(grams_per_kwh(i));
  const auto first = [&](std::string_view name, std::size_t lead) {
    return as_grams_per_kwh(fitted(name, history.all())->predict(history.all(), 60)[lead]);
  };
  EXPECT_DOUBLE_EQ(first("persistence", 0), 239);
  EXPECT_DOUBLE_EQ(first("persistence", 59), 239);
  EXPECT_DOUBLE_EQ(first("yesterday", 0), 216);
  EXPECT_DOUBLE_EQ(first("yesterday", 25), 217) << "yesterday of the day after is not known yet";
  EXPECT_DOUBLE_EQ(first("last-week", 5), 77);
  EXPECT_DOUBLE_EQ(first("mean-7-days", 0), 216 - 3 * 24);
}

TEST(Baselines, a_missing_yesterday_is_the_day_before) {
  History history = made(10, hours(1), 0.9, 20);
  const std::size_t n = history.values.size();
  history.values[n - 24] = kUnknown;
  const auto said = fitted("yesterday", history.all())->predict(history.all(), 1);
  EXPECT_EQ(said[0], history.values[n - 48]);
}

TEST(Baselines, a_mean_of_7_days_needs_4) {
  History history = made(7, hours(1), 0.9, 20);
  for (std::size_t day = 0; day < 3; ++day) history.values[day * 24] = kUnknown;
  EXPECT_TRUE(is_known(fitted("mean-7-days", history.all())->predict(history.all(), 1)[0]));
  history.values[72] = kUnknown;
  EXPECT_FALSE(is_known(fitted("mean-7-days", history.all())->predict(history.all(), 1)[0]));
}

TEST(Learned, the_deviation_fades_as_it_did) {
  // Half of a deviation is left after 13 hours: neither all of it nor nothing.
  const History history = made(500, hours(1), 0.95, 30);
  EXPECT_LT(error_of("decay", history, 60), 0.9 * error_of("mean-7-days", history, 60));
  EXPECT_LT(error_of("decay", history, 60), 0.9 * error_of("persistence", history, 60));
}

TEST(Learned, the_ridge_learns_what_the_decay_cannot) {
  // Weekends are 100 g lower, which a mean of 7 days does not know.
  History history = made(500, hours(1), 0.8, 20);
  for (std::size_t i = 0; i < history.values.size(); ++i) {
    if (i / 24 % 7 >= 5) history.values[i] -= grams_per_kwh(100);
  }
  EXPECT_LT(error_of("ridge", history, 60), 0.7 * error_of("decay", history, 60));
  EXPECT_LT(error_of("blend", history, 60), 1.02 * error_of("ridge", history, 60));
}

TEST(Learned, a_little_past_is_the_simpler_model) {
  const History history = made(45, hours(1), 0.9, 30);
  const Past past = history.all();
  EXPECT_EQ(bits(fitted("ridge", past)->predict(past, 48)),
            bits(fitted("decay", past)->predict(past, 48)));
}

TEST(Learned, minutes_are_learned_too) {
  // The first 5 minutes are nearly the newest value; a day ahead is the usual.
  const History history = made(120, minutes(5), 0.9, 60);
  const Past past = history.all();
  const auto said = fitted("blend", past)->predict(past, 576);
  const double newest = as_grams_per_kwh(past.values.back());
  EXPECT_NEAR(as_grams_per_kwh(said[0]), newest, 15);
  EXPECT_NEAR(as_grams_per_kwh(said[300]), 300 + 80 * std::sin(2 * std::numbers::pi * 300 / 288),
              40);
}

}  // namespace
}  // namespace lowtide::forecast
