#include "plan/exact.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "plan/exact_rows.h"
#include "plan/exact_strips.h"
#include "plan/policies.h"
#include "plan/problem_for_test.h"
#include "plan/vector_targets.h"

namespace lowtide::plan {
namespace {

constexpr double kClose = 1e-12;

// The exact plan is legal, costs what it says, and nothing that is legal costs less.
void expect_least(const Question& asked, const std::string& what) {
  const Problem problem = asked.problem();
  ASSERT_TRUE(check(problem)) << what;
  const double least = least_by_trying(problem);
  const auto plan = exact(problem);
  ASSERT_EQ(plan.has_value(), !std::isnan(least)) << what;
  if (!plan) return;
  ASSERT_EQ(plan->slots.size(), asked.work.size()) << what;
  EXPECT_EQ(why_illegal(problem, plan->slots), "") << what;
  EXPECT_NEAR(as_grams(cost_of(problem, plan->slots).total()), least, kClose * (least + 1)) << what;
  EXPECT_NEAR(as_grams(plan->cost), least, kClose * (least + 1)) << what;
}

TEST(Exact, equals_the_least_over_all_plans_with_each_charge_alone_and_all_together) {
  Random random(1);
  std::vector<unsigned> kinds{0, 0xff};
  for (unsigned kind = 0; kind < kChargeKinds; ++kind) kinds.push_back((1u << kind) | 32u);
  for (unsigned kind = 0; kind < 6; ++kind) kinds.push_back(1u << kind);
  for (const unsigned kind : kinds) {
    for (std::size_t work = 1; work <= 7; ++work) {
      for (std::size_t slack = 0; slack <= 7; ++slack) {
        for (const Shape shape : kShapes) {
          Question asked = question(random, work, slack, shape);
          asked.charges = random_charges(random, kind);
          expect_least(asked, "charges " + std::to_string(kind) + ", work " + std::to_string(work) +
                                  ", slack " + std::to_string(slack));
        }
      }
    }
  }
}

TEST(Exact, equals_the_least_over_all_plans_with_any_charges_and_forbidden_slots) {
  Random random(2);
  for (int i = 0; i < 6000; ++i) {
    const Shape shape = kShapes[up_to(random, 3)];
    Question asked = question(random, 1 + up_to(random, 6), up_to(random, 7), shape);
    asked.charges = random_charges(random, static_cast<unsigned>(up_to(random, 255)));
    if (up_to(random, 1) == 0) {
      for (std::size_t u = 0; u < asked.intensity.size(); ++u) {
        asked.forbidden.push_back(up_to(random, 4) == 0);
      }
    }
    expect_least(asked, "case " + std::to_string(i));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Exact, equals_the_least_over_all_plans_where_slots_have_a_price) {
  Random random(12);
  for (int i = 0; i < 3000; ++i) {
    const Shape shape = kShapes[up_to(random, 3)];
    Question asked = question(random, 1 + up_to(random, 6), up_to(random, 7), shape);
    asked.price = prices(random, asked.intensity.size());
    if (i % 3 > 0) asked.charges.resume = kwh(between(random, 0, 1));
    if (i % 3 > 1) {
      asked.charges = random_charges(random, static_cast<unsigned>(up_to(random, 255)));
      for (std::size_t u = 0; u < asked.intensity.size(); ++u) {
        asked.forbidden.push_back(up_to(random, 5) == 0);
      }
    }
    expect_least(asked, "case " + std::to_string(i));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Exact, a_price_of_nothing_changes_no_plan_and_an_even_one_adds_itself) {
  Random random(13);
  for (int i = 0; i < 100; ++i) {
    Question asked = question(random, 1 + up_to(random, 60), up_to(random, 90), Shape::any);
    asked.charges = random_charges(random, 0x1f);
    const auto plan = exact(asked.problem());
    asked.price.assign(asked.intensity.size(), Carbon{});
    const auto for_nothing = exact(asked.problem());
    ASSERT_TRUE(plan && for_nothing);
    EXPECT_EQ(plan->slots, for_nothing->slots);
    EXPECT_EQ(as_grams(plan->cost), as_grams(for_nothing->cost));
    asked.price.assign(asked.intensity.size(), grams(64));
    asked.charges.restore_slots = 0;
    const auto even = exact(asked.problem());
    asked.price.clear();
    EXPECT_NEAR(
        as_grams(even->cost),
        as_grams(exact(asked.problem())->cost) + 64.0 * static_cast<double>(asked.work.size()),
        1e-9);
  }
}

TEST(Exact, equals_the_plainest_program_over_many_strips_and_blocks) {
  Random random(11);
  for (int i = 0; i < 40; ++i) {
    Question asked =
        question(random, 1 + up_to(random, 150), up_to(random, 60), kShapes[up_to(random, 3)]);
    asked.charges = random_charges(random, static_cast<unsigned>(up_to(random, 255)));
    if (up_to(random, 2) == 0) asked.charges.restore_slots = up_to(random, 20);
    if (up_to(random, 2) == 0) asked.charges.min_pause = up_to(random, 20);
    if (up_to(random, 2) == 0) asked.charges.min_run = up_to(random, 20);
    if (up_to(random, 2) == 0) {
      for (std::size_t u = 0; u < asked.intensity.size(); ++u) {
        asked.forbidden.push_back(up_to(random, 50) == 0);
      }
    }
    const Problem problem = asked.problem();
    const double least = least_by_runs(problem);
    const auto plan = exact(problem);
    ASSERT_EQ(plan.has_value(), !std::isnan(least)) << i;
    if (!plan) continue;
    EXPECT_NEAR(as_grams(plan->cost), least, kClose * (least + 1)) << i;
    EXPECT_EQ(why_illegal(problem, plan->slots), "") << i;
    EXPECT_NEAR(as_grams(cost_of(problem, plan->slots).total()), least, kClose * (least + 1)) << i;
  }
}

TEST(Exact, says_when_forbidden_slots_leave_no_room) {
  Random random(3);
  Question asked = question(random, 3, 2, Shape::any);
  asked.forbidden = {true, false, true, true, false};
  const auto plan = exact(asked.problem());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::absent);
  for (const Carbon cost : exact_for_each_slack(asked.problem())) {
    EXPECT_TRUE(std::isnan(as_grams(cost)));
  }
}

TEST(Exact, one_sweep_answers_each_smaller_slack_bit_for_bit) {
  Random random(4);
  for (const unsigned kind : {0u, 1u, 0xffu}) {
    Question asked = question(random, 40, 150, Shape::any);
    asked.charges = random_charges(random, kind);
    const auto all = exact_for_each_slack(asked.problem());
    ASSERT_EQ(all.size(), 151u);
    for (const std::size_t slack : {0u, 1u, 17u, 63u, 64u, 149u, 150u}) {
      Problem problem = asked.problem();
      problem.intensity = problem.intensity.first(40 + slack);
      const auto plan = exact(problem);
      ASSERT_TRUE(plan);
      EXPECT_EQ(as_grams(all[slack]), as_grams(plan->cost)) << "slack " << slack;
    }
    EXPECT_TRUE(std::is_sorted(all.rbegin(), all.rend())) << "more slack never costs more";
  }
}

// Two sweeps that have nothing in common but the charges: whole rows slot by slot, and strips of
// counts over all slots.
TEST(Exact, rows_and_strips_agree_where_no_least_run_is_asked_for) {
  Random random(10);
  for (int i = 0; i < 300; ++i) {
    Question asked =
        question(random, 1 + up_to(random, 400), up_to(random, 400), kShapes[up_to(random, 3)]);
    asked.charges = random_charges(random, static_cast<unsigned>(up_to(random, 255)) & ~8u);
    if (up_to(random, 3) == 0) asked.charges.restore_slots = up_to(random, 30);
    if (up_to(random, 3) == 0) asked.charges.min_pause = up_to(random, 30);
    const Problem problem = asked.problem();
    Ends rows = RowSweep(problem, false).sweep();
    Ends strips = StripSweep(problem, false).sweep();
    ASSERT_EQ(rows.cost.size(), strips.cost.size());
    for (std::size_t end = 0; end < rows.cost.size(); ++end) {
      if (end > 0) {
        rows.cost[end] = std::min(rows.cost[end], rows.cost[end - 1]);
        strips.cost[end] = std::min(strips.cost[end], strips.cost[end - 1]);
      }
      EXPECT_NEAR(rows.cost[end], strips.cost[end], kClose * (rows.cost[end] + 1)) << end;
    }
  }
}

// Every target that this CPU has gives what the plainest one gives.
TEST(Exact, is_the_same_on_every_vector_target) {
  const auto targets = vector_targets();
  ASSERT_FALSE(targets.empty());
  for (const std::string& target : targets) {
    Random random(5);
    ASSERT_TRUE(force_vector_target(target));
    SCOPED_TRACE(target);
    for (int i = 0; i < 300; ++i) {
      Question asked = question(random, 1 + up_to(random, 200), up_to(random, 200), Shape::any);
      asked.charges = random_charges(random, static_cast<unsigned>(up_to(random, 255)));
      const auto plan = exact(asked.problem());
      force_vector_target(targets.back());
      const auto plain = exact(asked.problem());
      force_vector_target(target);
      ASSERT_EQ(plan.has_value(), plain.has_value());
      if (!plan) continue;
      EXPECT_NEAR(as_grams(plan->cost), as_grams(plain->cost), kClose * as_grams(plain->cost));
      EXPECT_EQ(why_illegal(asked.problem(), plan->slots), "");
      EXPECT_NEAR(as_grams(cost_of(asked.problem(), plan->slots).total()), as_grams(plan->cost),
                  kClose * as_grams(plan->cost));
    }
  }
  force_vector_target("");
  EXPECT_FALSE(force_vector_target("no such target"));
}

TEST(Exact, adding_idle_power_to_a_machine_that_stays_on_changes_no_plan) {
  Random random(6);
  for (int i = 0; i < 100; ++i) {
    Question asked = question(random, 30, 60, Shape::any);
    asked.charges = random_charges(random, 0x1f);
    const auto plan = exact(asked.problem());
    asked.charges.idle_power = watts(500);
    asked.charges.hold_per_hour = grams(100);
    const auto with_idle = exact(asked.problem());
    ASSERT_TRUE(plan && with_idle);
    EXPECT_EQ(plan->slots, with_idle->slots);
    EXPECT_EQ(as_grams(plan->cost), as_grams(with_idle->cost));
  }
}

TEST(Exact, becomes_flexible_start_when_a_resume_costs_without_end) {
  Random random(7);
  for (int i = 0; i < 100; ++i) {
    Question asked = question(random, 25, 70, Shape::any);
    asked.charges.resume = kwh(1e6);
    const auto plan = exact(asked.problem());
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->slots, flexible_start(asked.problem()));
    asked.charges = Charges{};
    asked.charges.restore_slots = 1;
    asked.charges.restore_power = watts(1e9);
    const auto restored = exact(asked.problem());
    ASSERT_TRUE(restored);
    EXPECT_EQ(restored->slots, flexible_start(asked.problem()));
  }
}

TEST(Exact, a_resume_in_a_slot_without_carbon_is_free_whatever_it_costs) {
  Question asked;
  asked.intensity = intensities({10, 500, 0, 500});
  asked.work = energies({1, 1});
  asked.charges.resume = kwh(1e6);
  EXPECT_EQ(exact(asked.problem())->slots, (Slots{0, 2}));
}

TEST(Exact, scales_with_intensity_and_energy) {
  Random random(8);
  for (int i = 0; i < 50; ++i) {
    Question asked = question(random, 40, 80, Shape::any);
    asked.charges.resume = kwh(0.7);
    const double once = as_grams(exact(asked.problem())->cost);
    Question scaled = asked;
    for (Intensity& c : scaled.intensity) c *= 3.0;
    EXPECT_NEAR(as_grams(exact(scaled.problem())->cost), 3 * once, kClose * 3 * once);
    scaled = asked;
    for (Energy& p : scaled.work) p *= 5.0;
    scaled.charges.resume *= 5.0;
    EXPECT_NEAR(as_grams(exact(scaled.problem())->cost), 5 * once, kClose * 5 * once);
    // Without charges a constant more of intensity is a constant more of carbon.
    asked.charges = Charges{};
    double energy = 0;
    for (const Energy p : asked.work) energy += as_kwh(p);
    const double free = as_grams(exact(asked.problem())->cost);
    for (Intensity& c : asked.intensity) c += grams_per_kwh(100);
    EXPECT_NEAR(as_grams(exact(asked.problem())->cost), free + 100 * energy, 1e-11 * free);
  }
}

TEST(Exact, rises_with_each_charge) {
  Random random(9);
  for (int i = 0; i < 100; ++i) {
    Question asked = question(random, 20, 40, Shape::any);
    double before = as_grams(exact(asked.problem())->cost);
    const auto rises = [&](const char* what) {
      const double now = as_grams(exact(asked.problem())->cost);
      EXPECT_GE(now, before * (1 - kClose)) << what;
      before = now;
    };
    asked.charges.resume = kwh(0.4), rises("resume");
    asked.charges.pause = kwh(0.2), rises("pause");
    asked.charges.restore_power = watts(2000), asked.charges.restore_slots = 1, rises("restore");
    asked.charges.restore_slots = 3, rises("longer restore");
    asked.charges.min_run = 4, rises("least run");
    asked.charges.min_pause = 5, rises("least pause");
    asked.charges.machine = Machine::held, asked.charges.hold_per_hour = grams(50), rises("hold");
    asked.charges.idle_power = watts(300), rises("idle power");
  }
}

TEST(Exact, a_question_that_would_not_fit_in_memory_is_refused) {
  Question asked;
  asked.intensity.assign(200'000, grams_per_kwh(1));
  asked.work.assign(100'000, kwh(1));
  const auto plan = exact(asked.problem());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::malformed);
}

}  // namespace
}  // namespace lowtide::plan
