// Laws that hold for any question, with a failing one shrunk to the smallest.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "plan/bounds.h"
#include "plan/decide.h"
#include "plan/exact.h"
#include "plan/policies.h"
#include "plan/problem_for_test.h"

namespace lowtide::plan {
namespace {

double whole(int below) { return *rc::gen::inRange(0, below); }
std::size_t slots(int below) { return static_cast<std::size_t>(*rc::gen::inRange(0, below)); }

// Whole numbers, so that ties and zeros are many and a shrunk case can be read.
Question any_question() {
  Question asked;
  const std::size_t work = 1 + slots(40);
  const std::size_t slack = slots(60);
  for (std::size_t u = 0; u < work + slack; ++u)
    asked.intensity.push_back(grams_per_kwh(whole(30)));
  for (std::size_t j = 0; j < work; ++j) asked.work.push_back(kwh(whole(5)));
  asked.charges.resume = kwh(whole(4));
  asked.charges.pause = kwh(whole(3));
  asked.charges.restore_slots = slots(4);
  asked.charges.restore_power = watts(1000 * whole(20));
  asked.charges.min_run = slots(5);
  asked.charges.min_pause = slots(5);
  asked.charges.machine = *rc::gen::element(Machine::stays_on, Machine::held, Machine::released);
  asked.charges.idle_power = watts(1000 * whole(10));
  asked.charges.hold_per_hour = grams(whole(50));
  if (*rc::gen::arbitrary<bool>()) {
    for (std::size_t u = 0; u < work + slack; ++u) asked.forbidden.push_back(slots(12) == 0);
  }
  return asked;
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-9 * (std::abs(a) + std::abs(b) + 1); }
double total(const Problem& problem, const Slots& plan) {
  return as_grams(cost_of(problem, plan).total());
}

TEST(Laws, the_exact_plan_is_legal_costs_what_it_says_and_no_policy_beats_it) {
  EXPECT_TRUE(rc::check([] {
    const Question asked = any_question();
    const Problem problem = asked.problem();
    const auto plan = exact(problem);
    const auto flexible = flexible_start(problem);
    const auto now = run_now(problem);
    RC_ASSERT(plan || (!flexible && !now));
    if (!plan) return;
    const double least = total(problem, plan->slots);
    RC_ASSERT(why_illegal(problem, plan->slots).empty());
    RC_ASSERT(plan->slots.size() == asked.work.size());
    RC_ASSERT(std::is_sorted(plan->slots.begin(), plan->slots.end()));
    RC_ASSERT(close(as_grams(plan->cost), least));
    RC_ASSERT(as_grams(bound_any_order(problem)) <= least * (1 + 1e-9) + 1e-9);
    const std::vector<Intensity> history = asked.intensity;
    const auto threshold = double_threshold(problem, history);
    for (const auto* other : {&now, &flexible, &threshold}) {
      if (!*other || !why_illegal(problem, **other).empty()) continue;
      RC_ASSERT(least <= total(problem, **other) * (1 + 1e-9) + 1e-9);
    }
  }));
}

TEST(Laws, more_slack_never_costs_more) {
  EXPECT_TRUE(rc::check([] {
    const Question asked = any_question();
    const auto costs = exact_for_each_slack(asked.problem());
    RC_ASSERT(costs.size() == asked.intensity.size() - asked.work.size() + 1);
    double before = std::numeric_limits<double>::infinity();
    for (const Carbon cost : costs) {
      if (std::isnan(as_grams(cost))) {
        RC_ASSERT(std::isinf(before));
        continue;
      }
      RC_ASSERT(as_grams(cost) <= before);
      before = as_grams(cost);
    }
  }));
}

TEST(Laws, intensity_and_all_energies_scale_every_policy) {
  EXPECT_TRUE(rc::check([] {
    Question asked = any_question();
    asked.charges.hold_per_hour = Carbon{};  // carbon of its own, which no intensity scales
    const auto before = decide(asked.problem(), {.history = asked.intensity});
    Question scaled = asked;
    for (Intensity& c : scaled.intensity) c *= 4.0;
    const auto after = decide(scaled.problem(), {.history = scaled.intensity});
    RC_ASSERT(before.has_value() == after.has_value());
    if (!before) return;
    for (std::size_t i = 0; i < before->outcomes.size(); ++i) {
      RC_ASSERT(before->outcomes[i].slots == after->outcomes[i].slots);
      RC_ASSERT(close(4 * as_grams(before->outcomes[i].cost.total()),
                      as_grams(after->outcomes[i].cost.total())));
    }
  }));
}

TEST(Laws, what_is_before_and_behind_the_window_changes_nothing) {
  EXPECT_TRUE(rc::check([] {
    const Question asked = any_question();
    Question late = asked;
    // Slots in which nothing may run put the same question off.
    const std::size_t put_off = slots(20);
    late.charges.machine = Machine::released;
    Question early = asked;
    early.charges.machine = Machine::released;
    if (late.forbidden.empty()) late.forbidden.assign(late.intensity.size(), false);
    late.intensity.insert(late.intensity.begin(), put_off, grams_per_kwh(0));
    late.forbidden.insert(late.forbidden.begin(), put_off, true);
    const auto a = exact(early.problem());
    const auto b = exact(late.problem());
    RC_ASSERT(a.has_value() == b.has_value());
    if (a) RC_ASSERT(close(as_grams(a->cost), as_grams(b->cost)));
  }));
}

}  // namespace
}  // namespace lowtide::plan
