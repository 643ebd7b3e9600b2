#include "plan/policies.h"

#include <gtest/gtest.h>

#include "plan/bounds.h"
#include "plan/exact.h"
#include "plan/problem_for_test.h"

namespace lowtide::plan {
namespace {

constexpr double kClose = 1e-12;

double cost(const Question& asked, const Slots& slots) {
  return as_grams(cost_of(asked.problem(), slots).total());
}

TEST(CostOf, adds_up_by_hand) {
  Question asked;
  asked.intensity = intensities({100, 200, 300, 400, 500, 600});
  asked.work = energies({1, 2});
  asked.charges.resume = kwh(0.5);
  asked.charges.pause = kwh(0.25);
  asked.charges.restore_slots = 1;
  asked.charges.restore_power = watts(12'000);  // 1 kWh a slot
  asked.charges.machine = Machine::held;
  asked.charges.idle_power = watts(1'200);  // 0.1 kWh a slot
  asked.charges.hold_per_hour = grams(24);  // 2 g a slot
  // Waits in 0, works in 1, is paused in 2, restores in 3, works in 4; 5 is after the end.
  const Cost cost = cost_of(asked.problem(), {1, 4});
  EXPECT_DOUBLE_EQ(as_grams(cost.job), 1 * 200 + 2 * 500);
  EXPECT_DOUBLE_EQ(as_grams(cost.charge),
                   (0.1 * 100 + 2) + 0.25 * 200 + (0.1 * 300 + 2) + (1 * 400 + 2) + 0.5 * 500);
  EXPECT_EQ(cost.resumes, 1);
  EXPECT_EQ(cost.held_slots, 5u);
  asked.charges.machine = Machine::released;
  const Cost released = cost_of(asked.problem(), {1, 4});
  EXPECT_DOUBLE_EQ(as_grams(released.charge), 0.25 * 200 + 400 + 0.5 * 500);
  EXPECT_EQ(released.held_slots, 3u);
  asked.price = {grams(1), grams(2), grams(4), grams(8), grams(16), grams(32)};
  const Cost priced = cost_of(asked.problem(), {1, 4});
  EXPECT_EQ(as_grams(priced.price), 2 + 8 + 16) << "where it works and where it restores";
  EXPECT_EQ(as_grams(priced.total()), as_grams(released.total()) + 26);
}

TEST(WhyIllegal, names_the_rule_that_is_broken) {
  Question asked;
  asked.intensity = intensities(std::vector<double>(12, 100));
  asked.work = energies({1, 1, 1, 1});
  asked.charges.min_run = 2;
  asked.charges.min_pause = 2;
  asked.charges.restore_slots = 1;
  asked.forbidden = std::vector<bool>(12, false);
  asked.forbidden[9] = true;
  const Problem problem = asked.problem();
  EXPECT_EQ(why_illegal(problem, {0, 1, 5, 6}), "");
  EXPECT_EQ(why_illegal(problem, {0, 1, 2, 6}), "") << "the last run may be shorter";
  EXPECT_NE(why_illegal(problem, {0, 4, 5, 6}), "") << "a short run";
  EXPECT_NE(why_illegal(problem, {0, 1, 4, 5}), "") << "a short pause";
  EXPECT_NE(why_illegal(problem, {6, 7, 8, 9}), "") << "a forbidden slot";
  EXPECT_NE(why_illegal(problem, {0, 1, 10, 11}), "") << "restores in a forbidden slot";
}

TEST(Check, refuses_what_makes_no_sense) {
  Random random(1);
  const Question good = question(random, 3, 4, Shape::any);
  ASSERT_TRUE(check(good.problem()));
  const auto kind = [](const Question& asked) { return check(asked.problem()).error().kind; };
  Question bad = good;
  bad.work.clear();
  EXPECT_EQ(kind(bad), ErrorKind::malformed);
  bad = good, bad.work[1] = kwh(-1);
  EXPECT_EQ(kind(bad), ErrorKind::malformed);
  bad = good, bad.work[1] = kwh(std::nan(""));
  EXPECT_EQ(kind(bad), ErrorKind::malformed);
  bad = good, bad.intensity.resize(2);
  EXPECT_EQ(kind(bad), ErrorKind::malformed);
  bad = good, bad.intensity[6] = kMissing;
  EXPECT_EQ(kind(bad), ErrorKind::temporary) << "a gap, not a fault";
  bad = good, bad.intensity[6] = grams_per_kwh(-3);
  EXPECT_EQ(kind(bad), ErrorKind::malformed);
  bad = good, bad.charges.resume = kwh(-1);
  EXPECT_EQ(kind(bad), ErrorKind::malformed);
  bad = good, bad.forbidden = {true};
  EXPECT_EQ(kind(bad), ErrorKind::malformed);
  bad = good, bad.price = {grams(1)};
  EXPECT_EQ(kind(bad), ErrorKind::malformed);
  bad = good, bad.price.assign(7, grams(1)), bad.price[2] = grams(-1);
  EXPECT_EQ(kind(bad), ErrorKind::malformed);
}

TEST(FlexibleStart, is_the_least_of_the_unbroken_placements) {
  Random random(2);
  for (int i = 0; i < 500; ++i) {
    const std::size_t work = 1 + up_to(random, 12);
    Question asked = question(random, work, up_to(random, 20), kShapes[up_to(random, 3)]);
    asked.charges = random_charges(random, 0xff);
    if (i % 2 == 0) asked.price = prices(random, asked.intensity.size());
    double least = std::numeric_limits<double>::infinity();
    std::size_t first = 0;
    for (std::size_t start = 0; start + work <= asked.intensity.size(); ++start) {
      Slots slots;
      for (std::size_t j = 0; j < work; ++j) slots.push_back(start + j);
      const double here = cost(asked, slots);
      if (here < least * (1 - kClose)) least = here, first = start;
    }
    const auto chosen = flexible_start(asked.problem());
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->front(), first);
    EXPECT_NEAR(cost(asked, *chosen), least, kClose * (least + 1));
  }
}

TEST(FlexibleStart, of_starts_that_differ_by_rounding_takes_the_earliest) {
  Question asked;
  asked.work = energies({0.1, 0.2, 0.3});
  // The same three intensities in another order, for which the sum rounds otherwise.
  asked.intensity = intensities({0.1, 0.1, 0.1, 0.1, 0.1, 0.1});
  asked.intensity[4] = grams_per_kwh(std::nextafter(0.1, 0.0));
  EXPECT_EQ(flexible_start(asked.problem())->front(), 0u);
}

TEST(LowestSlots, takes_the_lowest_and_of_equal_ones_the_earlier) {
  Question asked;
  asked.intensity = intensities({5, 3, 9, 3, 3, 1});
  asked.work = energies({1, 1, 1});
  EXPECT_EQ(lowest_slots(asked.problem()), (Slots{1, 3, 5}));
  asked.forbidden = {false, false, false, true, false, false};
  EXPECT_EQ(lowest_slots(asked.problem()), (Slots{1, 4, 5}));
}

TEST(LowestSlots, is_exact_when_the_profile_is_flat_and_nothing_is_charged) {
  Random random(3);
  for (int i = 0; i < 200; ++i) {
    Question asked =
        question(random, 1 + up_to(random, 30), up_to(random, 60), kShapes[up_to(random, 3)]);
    for (Energy& energy : asked.work) energy = kwh(0.3);
    const double least = as_grams(exact(asked.problem())->cost);
    EXPECT_NEAR(cost(asked, *lowest_slots(asked.problem())), least, kClose * (least + 1));
  }
}

TEST(DoubleThreshold, pauses_above_the_higher_and_resumes_under_the_lower_level) {
  Question asked;
  asked.intensity = intensities({100, 100, 310, 310, 220, 100, 100, 900, 900, 900});
  asked.work = energies({1, 1, 1, 1});
  asked.charges.resume = kwh(6);  // half an hour's work: the levels are 100 and 150 apart
  const auto history = intensities({100, 200, 200, 400, 500});
  EXPECT_EQ(double_threshold(asked.problem(), history), (Slots{0, 1, 5, 6}));
  EXPECT_FALSE(double_threshold(asked.problem(), {}));
  EXPECT_FALSE(double_threshold(asked.problem(), intensities({std::nan("")})));
}

TEST(DoubleThreshold, runs_on_when_the_slack_is_gone_and_keeps_the_rules) {
  Random random(4);
  for (int i = 0; i < 500; ++i) {
    Question asked = question(random, 1 + up_to(random, 30), up_to(random, 40), Shape::any);
    asked.charges = random_charges(random, static_cast<unsigned>(up_to(random, 255)));
    const auto history = question(random, 1, 49, Shape::any).intensity;
    const auto slots = double_threshold(asked.problem(), history);
    ASSERT_TRUE(slots) << "without forbidden slots the deadline is always met";
    EXPECT_EQ(slots->size(), asked.work.size());
    EXPECT_LT(slots->back(), asked.intensity.size());
    EXPECT_EQ(why_illegal(asked.problem(), *slots), "");
  }
}

// planning.md's chain: bound <= exact(free) <= exact(charged) <= flexible start <= now, and the
// exact plan is under every other legal plan.
TEST(Policies, keep_their_order_on_random_windows) {
  Random random(5);
  for (int i = 0; i < 500; ++i) {
    Question asked =
        question(random, 1 + up_to(random, 50), up_to(random, 80), kShapes[up_to(random, 3)]);
    if (up_to(random, 1) == 0) {
      for (Energy& energy : asked.work) energy = kwh(0.4);
    }
    const double any_order = as_grams(bound_any_order(asked.problem()));
    const double free = as_grams(exact(asked.problem())->cost);
    asked.charges = random_charges(random, static_cast<unsigned>(up_to(random, 255)));
    const Problem problem = asked.problem();
    const double least = as_grams(exact(problem)->cost);
    const double flexible = cost(asked, *flexible_start(problem));
    const double now = cost(asked, *run_now(problem));
    const double close = kClose * (now + 1);
    EXPECT_LE(any_order, free + close);
    EXPECT_LE(free, least + close);
    EXPECT_LE(least, flexible + close);
    EXPECT_LE(flexible, now + close);
    const auto bound = bound_multiplier(problem);
    EXPECT_LE(as_grams(bound.value_or(Carbon{})), least + close);
    const auto lowest = lowest_slots(problem);
    const bool legal = why_illegal(problem, *lowest).empty();
    EXPECT_TRUE(!legal || least <= cost(asked, *lowest) + close);
  }
}

TEST(BoundMultiplier, is_near_the_exact_cost_when_pausing_is_charged) {
  Random random(6);
  double gap = 0;
  for (int i = 0; i < 50; ++i) {
    Question asked = question(random, 40, 60, Shape::any);
    for (Energy& energy : asked.work) energy = kwh(0.4);
    asked.charges.resume = kwh(0.2);
    const double least = as_grams(exact(asked.problem())->cost);
    const auto bound = bound_multiplier(asked.problem());
    ASSERT_TRUE(bound);
    gap += (least - as_grams(*bound)) / least / 50;
  }
  EXPECT_LT(gap, 0.02) << "the any-order bound is far off here";
}

}  // namespace
}  // namespace lowtide::plan
