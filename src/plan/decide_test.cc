#include "plan/decide.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "plan/exact.h"
#include "plan/problem_for_test.h"

namespace lowtide::plan {
namespace {

Question valley() {
  Question asked;
  asked.intensity = intensities({400, 400, 100, 400, 100, 100, 400, 400});
  asked.work = energies({1, 1, 1});
  return asked;
}

TEST(Decide, puts_the_policies_side_by_side) {
  Question asked = valley();
  asked.charges.resume = kwh(0.5);
  const auto decision = decide(asked.problem(), {});
  ASSERT_TRUE(decision);
  const auto total = [&](Policy policy) { return as_grams(decision->of(policy).cost.total()); };
  EXPECT_DOUBLE_EQ(total(Policy::now), 900);
  EXPECT_DOUBLE_EQ(total(Policy::flexible_start), 600) << "slots 2 to 4";
  EXPECT_DOUBLE_EQ(total(Policy::lowest_slots), 350);
  EXPECT_DOUBLE_EQ(total(Policy::exact), 350);
  EXPECT_EQ(decision->of(Policy::exact).slots, (Slots{2, 4, 5}));
  EXPECT_EQ(decision->best, Policy::lowest_slots) << "of equal ones the simpler";
  EXPECT_NEAR(*decision->of(Policy::exact).saving_vs_now, 1 - 350.0 / 900, 1e-12);
  EXPECT_NEAR(*decision->of(Policy::exact).saving_vs_flexible_start, 1 - 350.0 / 600, 1e-12);
  EXPECT_FALSE(decision->of(Policy::threshold).may_run()) << "no history";
  EXPECT_LE(as_grams(decision->bound), 350);
}

TEST(Decide, a_job_that_cannot_pause_starts_flexibly) {
  const auto decision = decide(valley().problem(), {.pausable = false});
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->best, Policy::flexible_start);
}

TEST(Decide, a_policy_that_is_asked_for_is_taken) {
  const auto decision = decide(valley().problem(), {.only = Policy::now});
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->best, Policy::now);
  const auto threshold = decide(valley().problem(), {.only = Policy::threshold});
  ASSERT_FALSE(threshold);
  EXPECT_EQ(threshold.error().kind, ErrorKind::absent);
}

// One pause saves 300 g and its resume falls in a slot of 100 g/kWh: 3 kWh are the break-even.
TEST(Decide, says_at_which_charge_pausing_loses_to_flexible_start) {
  const auto decision = decide(valley().problem(), {});
  ASSERT_TRUE(decision && decision->break_even_resume);
  EXPECT_NEAR(as_kwh(*decision->break_even_resume), 3.0, 1e-9);
}

TEST(Decide, the_break_even_charge_is_where_the_two_meet) {
  Random random(1);
  int found = 0;
  for (int i = 0; i < 60; ++i) {
    Question asked = question(random, 1 + up_to(random, 30), up_to(random, 60), Shape::any);
    asked.charges = random_charges(random, static_cast<unsigned>(up_to(random, 255)) & ~1u);
    const auto decision = decide(asked.problem(), {});
    ASSERT_TRUE(decision);
    const double flexible = as_grams(decision->of(Policy::flexible_start).cost.total());
    if (!decision->break_even_resume) {
      EXPECT_NEAR(as_grams(decision->of(Policy::exact).cost.total()), flexible, 1e-9 * flexible);
      continue;
    }
    ++found;
    asked.charges.resume = *decision->break_even_resume * 1.001;
    EXPECT_NEAR(as_grams(exact(asked.problem())->cost), flexible, 1e-9 * flexible);
    asked.charges.resume = *decision->break_even_resume * 0.999;
    EXPECT_LT(as_grams(exact(asked.problem())->cost), flexible);
  }
  EXPECT_GT(found, 20);
}

TEST(Decide, money_is_what_the_machine_is_held_beyond_now) {
  Question asked = valley();
  asked.charges.machine = Machine::held;
  const auto decision = decide(asked.problem(), {.price_per_hour = 12.0});
  ASSERT_TRUE(decision);
  const Outcome& exact = decision->of(Policy::exact);
  ASSERT_EQ(exact.slots, (Slots{2, 4, 5}));
  EXPECT_NEAR(*exact.extra_money, 3.0, 1e-12) << "three slots more, a dollar each";
  EXPECT_NEAR(*exact.money_per_tonne, 3.0 / (600e-6), 1e-6) << "900 g less 300 g avoided";
  EXPECT_EQ(*decision->of(Policy::now).extra_money, 0.0);
  EXPECT_FALSE(decision->of(Policy::now).money_per_tonne) << "nothing is avoided";
}

TEST(Decide, where_now_is_forbidden_money_counts_from_the_earliest_run) {
  Question asked = valley();
  asked.charges.machine = Machine::held;
  asked.forbidden = std::vector<bool>(8, false);
  asked.forbidden[0] = true;
  const auto decision = decide(asked.problem(), {.price_per_hour = 12.0});
  ASSERT_TRUE(decision);
  // The earliest run holds 4 slots for 600 g, the exact plan 6 for 300 g.
  const Outcome& exact = decision->of(Policy::exact);
  ASSERT_EQ(exact.slots, (Slots{2, 4, 5}));
  EXPECT_FALSE(exact.saving_vs_now);
  EXPECT_NEAR(*exact.extra_money, 2.0, 1e-12);
  EXPECT_NEAR(*exact.money_per_tonne, 2.0 / 600e-6, 1e-6);
}

TEST(Decide, a_machine_that_stays_on_costs_no_money_more) {
  Question asked = valley();
  asked.intensity = intensities({400, 100, 400, 400, 400, 100, 100, 400});
  asked.charges.restore_slots = 1;
  const auto decision = decide(asked.problem(), {.price_per_hour = 12.0});
  ASSERT_TRUE(decision);
  ASSERT_GT(decision->of(Policy::exact).cost.resumes, 0);
  EXPECT_EQ(*decision->of(Policy::exact).extra_money, 0.0);
}

TEST(Decide, without_room_there_is_no_plan) {
  Question asked = valley();
  asked.forbidden = std::vector<bool>(8, true);
  asked.forbidden[3] = asked.forbidden[5] = false;
  const auto decision = decide(asked.problem(), {});
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().kind, ErrorKind::absent);
  asked.forbidden[7] = false;
  const auto paused = decide(asked.problem(), {});
  ASSERT_TRUE(paused);
  EXPECT_EQ(paused->of(Policy::exact).slots, (Slots{3, 5, 7}));
  EXPECT_FALSE(paused->of(Policy::exact).saving_vs_now) << "running now is not possible";
  EXPECT_FALSE(decide(asked.problem(), {.pausable = false}));
}

TEST(Agree, shifts_only_where_both_signals_gain) {
  Question marginal = valley();
  const auto opposite = intensities({100, 100, 400, 100, 400, 400, 100, 100});
  const auto against = agree(marginal.problem(), opposite, true);
  ASSERT_TRUE(against);
  EXPECT_FALSE(against->chosen) << "what one gains the other loses";
  EXPECT_GE(against->pareto.size(), 2u);
  const auto with = agree(marginal.problem(), marginal.intensity, true);
  ASSERT_TRUE(with && with->chosen);
  EXPECT_EQ(with->chosen->slots, (Slots{2, 4, 5}));
  EXPECT_EQ(with->pareto.size(), 1u);
}

TEST(Agree, the_pareto_plans_are_none_better_than_another_on_both) {
  Random random(2);
  for (int i = 0; i < 30; ++i) {
    const Question marginal = question(random, 20, 40, Shape::any);
    const Question average = question(random, 20, 40, Shape::any);
    const auto agreement = agree(marginal.problem(), average.intensity, true);
    ASSERT_TRUE(agreement);
    ASSERT_FALSE(agreement->pareto.empty());
    for (const ParetoPlan& a : agreement->pareto) {
      for (const ParetoPlan& b : agreement->pareto) {
        EXPECT_FALSE(a.saving_on_marginal > b.saving_on_marginal &&
                     a.saving_on_average > b.saving_on_average);
      }
      if (agreement->chosen) {
        EXPECT_GE(
            std::min(agreement->chosen->saving_on_marginal, agreement->chosen->saving_on_average),
            std::min(a.saving_on_marginal, a.saving_on_average));
      }
    }
  }
}

}  // namespace
}  // namespace lowtide::plan
