// Weeks of simulated time over random jobs, forecasts and faults: every promise is kept in each.
#include <gtest/gtest.h>

#include "act/weeks_for_test.h"
#include "plan/exact.h"
#include "plan/policies.h"

namespace lowtide::act {
namespace {

constexpr std::uint64_t kSeeds = 300;

// The same on every machine: from a generator that is written out.
WeekOf setup_of(std::uint64_t seed) {
  std::mt19937_64 random(seed * 7919);
  const auto up_to = [&](std::uint64_t most) { return static_cast<int>(random() % (most + 1)); };
  WeekOf setup;
  setup.manner = static_cast<Manner>(up_to(2));
  setup.length = setup.said = 5 * (1 + up_to(150));
  setup.slack = 5 * up_to(288);
  setup.restore_slots = setup.manner == Manner::checkpoint ? static_cast<std::size_t>(up_to(3)) : 0;
  setup.resume_kwh = 0.2 * up_to(5);
  return setup;
}

std::string named(std::uint64_t seed, const WeekOf& setup) {
  return "seed " + std::to_string(seed) + " " + std::string(spell(setup.manner)) + " length " +
         std::to_string(setup.length) + " slack " + std::to_string(setup.slack) + " restore " +
         std::to_string(setup.restore_slots);
}

TEST(Weeks, with_the_truth_for_a_forecast_the_carbon_is_that_of_the_plan) {
  int pauses = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const WeekOf setup = setup_of(seed);
    Week week(setup, seed);
    ASSERT_EQ(week.run(), "") << named(seed, setup);
    const std::vector<Energy> work(static_cast<std::size_t>(setup.length / 5), kwh(kKwhPerSlot));
    const auto window = static_cast<std::size_t>((setup.length + setup.slack) / 5);
    const plan::Problem problem{week.truth().first(window), work, week.charges()};
    const plan::Slots slots =
        setup.manner == Manner::none ? *plan::flexible_start(problem) : plan::exact(problem)->slots;
    const double planned = as_grams(plan::cost_of(problem, slots).total());
    EXPECT_NEAR(as_grams(week.carbon()) / planned, 1, 1e-5) << named(seed, setup);
    pauses += week.pauses();
  }
  EXPECT_GT(pauses, 100);
}

TEST(Weeks, the_deadline_is_kept_however_the_forecast_errs) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    WeekOf setup = setup_of(seed);
    setup.error = 0.1 * static_cast<double>(1 + seed % 9);
    Week week(setup, seed);
    EXPECT_EQ(week.run(), "") << named(seed, setup);
  }
}

TEST(Weeks, the_deadline_is_kept_by_a_job_that_says_how_long_it_really_is) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    WeekOf setup = setup_of(seed);
    setup.said = std::max(5, setup.length * (1 + static_cast<int>(seed % 20)) / 10 / 5 * 5);
    setup.said = std::min(setup.said, setup.length + setup.slack);
    setup.error = 0.5;
    setup.tells = true;
    Week week(setup, seed);
    EXPECT_EQ(week.run(), "") << named(seed, setup);
  }
}

TEST(Weeks, the_deadline_is_kept_whatever_the_plan_says) {
  int pauses = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    WeekOf setup = setup_of(seed);
    setup.lies = true;
    Week week(setup, seed);
    EXPECT_EQ(week.run(), "") << named(seed, setup);
    pauses += week.pauses();
  }
  EXPECT_GT(pauses, 100);
}

TEST(Weeks, no_fault_freezes_a_job_for_good_or_costs_more_time_than_it_took) {
  int pauses = 0;
  int deaths = 0;
  for (std::uint64_t seed = 1; seed <= 4 * kSeeds; ++seed) {
    WeekOf setup = setup_of(seed);
    setup.error = 0.3;
    setup.faults = true;
    setup.tells = seed % 2 == 0;
    setup.lies = seed % 3 == 0;
    Week week(setup, seed);
    EXPECT_EQ(week.run(), "") << named(seed, setup);
    pauses += week.pauses();
    deaths += week.deaths();
  }
  EXPECT_GT(pauses, 1000);
  EXPECT_GT(deaths, 1000);
}

}  // namespace
}  // namespace lowtide::act
