#include "plan/problem.h"

#include <gtest/gtest.h>

#include "plan/exact.h"
#include "plan/problem_for_test.h"

namespace lowtide::plan {
namespace {

TEST(Charges, of_mean_power_are_rescaled_and_energies_of_their_own_stay) {
  Charges charges;
  charges.resume = joules(30000);
  charges.pause = joules(6000);
  charges.restore_slots = 2;
  charges.restore_power = watts(100);
  charges.idle_power = watts(20);
  EXPECT_EQ(rescaled(charges, {}, 0.1), charges);
  const Charges all = rescaled(charges, {true, true, true}, 0.1);
  EXPECT_DOUBLE_EQ(as_joules(all.resume), 3000);
  EXPECT_DOUBLE_EQ(as_joules(all.pause), 600);
  EXPECT_DOUBLE_EQ(as_watts(all.restore_power), 10);
  EXPECT_EQ(all.idle_power, charges.idle_power);
  EXPECT_EQ(all.restore_slots, charges.restore_slots);
  EXPECT_EQ(rescaled(charges, {true, false, false}, 0.1).pause, charges.pause);
}

// The same job at another power, with what a pause costs by it: the same plan, and each cost by as
// much. So a promise in per cent is one of any power.
TEST(Charges, rescaled_with_the_work_leave_every_plan_as_it_was) {
  Random random(11);
  for (int i = 0; i < 100; ++i) {
    Question asked = question(random, 1 + up_to(random, 4), up_to(random, 7), kShapes[i % 4]);
    asked.charges = {};
    asked.charges.resume = kwh(between(random, 0, 1));
    asked.charges.pause = kwh(between(random, 0, 1));
    asked.charges.restore_slots = up_to(random, 2);
    asked.charges.restore_power = watts(between(random, 0, 1000));
    const double before = as_grams(exact(asked.problem())->cost);
    asked.charges = rescaled(asked.charges, {true, true, true}, 0.001);
    for (Energy& energy : asked.work) energy *= 0.001;
    ASSERT_NEAR(as_grams(exact(asked.problem())->cost), 0.001 * before, 1e-12 * (1 + before));
  }
}

}  // namespace
}  // namespace lowtide::plan
