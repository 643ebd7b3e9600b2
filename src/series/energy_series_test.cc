#include "series/energy_series.h"

#include <gtest/gtest.h>

#include <random>

#include "series/series_for_test.h"

namespace lowtide {
namespace {

using std::chrono::minutes;

Carbon carbon_of(const EnergySeries& energy, const IntensitySeries& intensity) {
  return total(join(energy, intensity)).carbon;
}

// Pieces with holes between them, from a seed; values up to 1000.
std::vector<Step> random_steps(std::mt19937_64& random, double up_to_minute) {
  std::uniform_real_distribution<double> length(0.3, 9);
  std::uniform_real_distribution<double> value(0, 1000);
  std::vector<Step> steps;
  for (double at = length(random) - 4; at < up_to_minute;) {
    const double end = at + length(random);
    if (value(random) < 800) steps.push_back({at, end, value(random)});
    at = end;
  }
  return steps;
}

TEST(EnergySeries, total_and_coverage_leave_gaps_out) {
  const auto series = energy_of({{0, 10, 600}, {20, 30, 300}});
  EXPECT_DOUBLE_EQ(as_joules(series.total()), 900);
  EXPECT_EQ(series.covered(minutes_of(0, 30)), minutes(20));
  EXPECT_EQ(series.covered(minutes_of(5, 25)), minutes(10));
  EXPECT_EQ(series.covered(minutes_of(10, 20)), Duration::zero());
}

TEST(EnergySeries, empty_overlapping_and_backward_pieces_are_refused) {
  const std::vector<std::vector<EnergyPiece>> bad{
      {{minutes_of(5, 5), joules(1)}},
      {{minutes_of(0, 10), joules(1)}, {minutes_of(9, 20), joules(1)}},
      {{minutes_of(10, 20), joules(1)}, {minutes_of(0, 10), joules(1)}}};
  for (const auto& pieces : bad) {
    const auto series = EnergySeries::from(pieces);
    ASSERT_FALSE(series);
    EXPECT_EQ(series.error().kind, ErrorKind::malformed);
  }
}

TEST(EnergySeries, a_slice_takes_the_share_of_the_time_and_keeps_the_quality) {
  const auto series =
      EnergySeries::from({{minutes_of(0, 10), joules(600), Quality::spread}}).value();
  const auto cut = series.slice(minutes_of(-5, 4));
  ASSERT_EQ(cut.pieces().size(), 1U);
  EXPECT_EQ(cut.pieces()[0].span, minutes_of(0, 4));
  EXPECT_DOUBLE_EQ(as_joules(cut.total()), 240);
  EXPECT_EQ(cut.pieces()[0].quality, Quality::spread);
  EXPECT_TRUE(series.slice(minutes_of(5, 5)).pieces().empty());
}

TEST(EnergySeries, cutting_anywhere_conserves_the_energy) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> where(-10, 110);
  for (int i = 0; i < 200; ++i) {
    const auto series = energy_of(random_steps(random, 100));
    const double at = where(random);
    const Energy parts =
        series.slice(minutes_of(-50, at)).total() + series.slice(minutes_of(at, 200)).total();
    EXPECT_NEAR(as_joules(parts), as_joules(series.total()), 1e-6);
  }
}

TEST(Join, a_constant_intensity_makes_it_a_product) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100; ++i) {
    const auto energy = energy_of(random_steps(random, 60));
    const auto flat = intensity_of({{-100, 10, 475}, {10, 33.3, 475}, {33.3, 500, 475}});
    const double product = as_grams(energy.total() * grams_per_kwh(475));
    EXPECT_NEAR(as_grams(carbon_of(energy, flat)), product, 1e-12 + product * 1e-9);
  }
}

// The paper's point: means hide that the job draws most when the grid is cleanest.
TEST(Join, rising_power_under_falling_intensity_is_not_mean_times_mean) {
  const auto energy = energy_of({{0, 60, 0.1e6}, {60, 120, 0.5e6}, {120, 180, 3.0e6}});
  const auto intensity = intensity_of({{0, 60, 600}, {60, 120, 300}, {120, 180, 60}});
  const double joined = as_grams(carbon_of(energy, intensity));
  EXPECT_NEAR(joined, (0.1 * 600 + 0.5 * 300 + 3.0 * 60) / 3.6, 1e-9);
  const double means = as_grams(energy.total() * intensity.mean(minutes_of(0, 180)).value.value());
  EXPECT_GT(means / joined, 1.2);
}

TEST(Join, splitting_an_interval_of_either_side_changes_nothing) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> share(0.05, 0.95);
  for (int i = 0; i < 100; ++i) {
    const auto energy = random_steps(random, 60);
    const auto grid = random_steps(random, 60);
    std::vector<Step> finer_energy;
    std::vector<Step> finer_grid;
    for (const Step& s : energy) {
      const double f = share(random);
      const double cut = s.from + (s.to - s.from) * f;
      finer_energy.push_back({s.from, cut, s.value * f});
      finer_energy.push_back({cut, s.to, s.value * (1 - f)});
    }
    for (const Step& s : grid) {
      const double cut = s.from + (s.to - s.from) * share(random);
      finer_grid.push_back({s.from, cut, s.value});
      finer_grid.push_back({cut, s.to, s.value});
    }
    const double whole = as_grams(carbon_of(energy_of(energy), intensity_of(grid)));
    const double tolerance = 1e-6 * whole + 1e-12;
    EXPECT_NEAR(as_grams(carbon_of(energy_of(finer_energy), intensity_of(grid))), whole, tolerance);
    EXPECT_NEAR(as_grams(carbon_of(energy_of(energy), intensity_of(finer_grid))), whole, tolerance);
  }
}

TEST(Join, energy_in_a_gap_of_the_intensity_is_kept_and_stays_unpriced) {
  const auto energy = energy_of({{0, 60, 3.6e6}});
  const auto intensity = intensity_of({{0, 15, 100}, {45, 60, 300}});
  const auto joined = join(energy, intensity);
  ASSERT_EQ(joined.size(), 3U);
  EXPECT_EQ(joined[1].span, minutes_of(15, 45));
  EXPECT_EQ(joined[1].intensity, std::nullopt);
  const auto sum = total(joined);
  EXPECT_NEAR(as_kwh(sum.priced), 0.5, 1e-12);
  EXPECT_NEAR(as_kwh(sum.unpriced), 0.5, 1e-12);
  EXPECT_NEAR(as_grams(sum.carbon), 100, 1e-9);
}

TEST(Join, no_intensity_at_all_prices_nothing) {
  const auto sum = total(join(energy_of({{0, 10, 50}}), IntensitySeries{}));
  EXPECT_EQ(sum.carbon, grams(0));
  EXPECT_EQ(sum.priced, joules(0));
  EXPECT_DOUBLE_EQ(as_joules(sum.unpriced), 50);
}

TEST(Join, finer_and_unaligned_intensity_is_weighted_by_time_inside_the_piece) {
  const auto energy = energy_of({{0, 5, 3.6e6}, {5, 10, 7.2e6}});
  const auto intensity = intensity_of({{-3, 1, 100}, {1, 4, 200}, {4, 7.5, 400}, {7.5, 30, 800}});
  const double expected = 1 * (100 * 0.2 + 200 * 0.6 + 400 * 0.2) + 2 * (400 * 0.5 + 800 * 0.5);
  EXPECT_NEAR(as_grams(carbon_of(energy, intensity)), expected, 1e-9);
}

TEST(Join, its_pieces_tile_the_energy_and_carry_all_of_it) {
  std::mt19937_64 random(13);
  for (int i = 0; i < 200; ++i) {
    const auto energy = energy_of(random_steps(random, 80));
    const auto joined = join(energy, intensity_of(random_steps(random, 80)));
    Duration length{};
    for (std::size_t j = 0; j < joined.size(); ++j) {
      ASSERT_FALSE(joined[j].span.empty());
      ASSERT_TRUE(j == 0 || joined[j - 1].span.end <= joined[j].span.begin);
      length += joined[j].span.length();
    }
    const auto sum = total(joined);
    EXPECT_EQ(length, energy.covered(minutes_of(-100, 300)));
    EXPECT_NEAR(as_joules(sum.priced + sum.unpriced), as_joules(energy.total()), 1e-6);
  }
}

}  // namespace
}  // namespace lowtide
