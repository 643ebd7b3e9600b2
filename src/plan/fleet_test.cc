#include "plan/fleet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "plan/exact.h"
#include "plan/fleet_roster.h"
#include "plan/problem_for_test.h"

namespace lowtide::plan {
namespace {

constexpr double kClose = 1e-9;

// Owns what a Fleet looks at.
struct Yard {
  std::vector<Intensity> intensity;
  std::vector<std::vector<Energy>> work;
  std::vector<FleetJob> jobs;
  std::size_t machines = 1;

  void add(std::vector<Energy> energies, std::size_t begin, std::size_t deadline,
           Energy resume = {}) {
    work.push_back(std::move(energies));
    jobs.push_back({{}, begin, deadline, resume});
  }
  [[nodiscard]] Fleet fleet() const {
    Fleet out{intensity, jobs, machines};
    for (std::size_t job = 0; job < jobs.size(); ++job) out.jobs[job].work = work[job];
    return out;
  }
};

struct Size {
  std::size_t slots, jobs, work, slack, machines;  // at most
};
Yard random_yard(Random& random, const Size& size, bool charged) {
  Yard yard;
  const Shape shape = kShapes[up_to(random, 3)];
  for (std::size_t t = 0; t < size.slots; ++t) {
    yard.intensity.push_back(grams_per_kwh(one_intensity(random, shape)));
  }
  yard.machines = 1 + up_to(random, size.machines - 1);
  const std::size_t jobs = 1 + up_to(random, size.jobs - 1);
  for (std::size_t i = 0; i < jobs; ++i) {
    const std::size_t work = 1 + up_to(random, size.work - 1);
    const std::size_t window = std::min(size.slots, work + up_to(random, size.slack));
    const std::size_t begin = up_to(random, size.slots - window);
    std::vector<Energy> energies;
    energies.reserve(work);
    for (std::size_t j = 0; j < work; ++j) energies.push_back(kwh(between(random, 0.1, 2)));
    yard.add(energies, begin, begin + window, charged ? kwh(between(random, 0, 1)) : Energy{});
  }
  return yard;
}

// Every slot list of each job against every one of the others: the least cost, absent where no
// combination keeps to K machines.
std::optional<double> least_by_trying(const Fleet& fleet) {
  std::vector<std::size_t> use(fleet.intensity.size());
  std::optional<double> least;
  std::function<void(std::size_t, double)> place = [&](std::size_t job, double cost) {
    if (least && cost >= *least) return;
    if (job == fleet.jobs.size()) {
      least = cost;
      return;
    }
    const FleetJob& one = fleet.jobs[job];
    const std::size_t window = one.deadline - one.begin;
    Problem problem{fleet.intensity.subspan(one.begin, window), one.work};
    problem.charges.resume = one.resume;
    if (one.work.size() > window) return;
    for_each_placement(one.work.size(), window, [&](const Slots& slots) {
      const auto full = [&](std::size_t slot) { return use[one.begin + slot] == fleet.machines; };
      if (std::any_of(slots.begin(), slots.end(), full)) return;
      for (const std::size_t slot : slots) ++use[one.begin + slot];
      place(job + 1, cost + as_grams(cost_of(problem, slots).total()));
      for (const std::size_t slot : slots) --use[one.begin + slot];
    });
  };
  place(0, 0);
  return least;
}

Fleet only(const Fleet& fleet, const std::vector<std::size_t>& jobs) {
  Fleet out = fleet;
  out.jobs.clear();
  for (const std::size_t job : jobs) out.jobs.push_back(fleet.jobs[job]);
  return out;
}

void expect_feasible(const Fleet& fleet, const FleetSlots& slots) {
  ASSERT_EQ(slots.size(), fleet.jobs.size());
  for (std::size_t job = 0; job < slots.size(); ++job) {
    const FleetJob& one = fleet.jobs[job];
    ASSERT_EQ(slots[job].size(), one.work.size()) << "all work is done";
    EXPECT_TRUE(std::is_sorted(slots[job].begin(), slots[job].end(), std::less_equal<>()));
    EXPECT_GE(slots[job].front(), one.begin);
    EXPECT_LT(slots[job].back(), one.deadline) << "the deadline is kept";
  }
  EXPECT_EQ(overload_of(fleet, slots).slots, 0u);
}

TEST(Admission, earliest_deadline_first_would_refuse_what_fits) {
  Yard yard;
  yard.intensity = intensities({1, 1, 1});
  yard.machines = 2;
  yard.add(energies({1}), 0, 2);
  yard.add(energies({1}), 0, 2);
  yard.add(energies({1, 1, 1}), 0, 3);
  EXPECT_TRUE(admit(yard.fleet()).refused.empty());
}

TEST(Admission, says_who_is_refused_and_which_deadline_could_be_met) {
  Yard yard;
  yard.intensity = intensities(std::vector<double>(9, 1));
  yard.add(energies({1, 1}), 0, 3);
  yard.add(energies({1, 1}), 0, 3);  // one slot of three is left
  yard.add(energies({1}), 1, 5);
  yard.add(energies({1, 1, 1, 1, 1, 1}), 3, 6);  // shorter than its work
  const Admission admission = admit(yard.fleet());
  EXPECT_EQ(admission.admitted, (std::vector<std::size_t>{0, 2}));
  ASSERT_EQ(admission.refused.size(), 2u);
  EXPECT_EQ(admission.refused[0].job, 1u);
  EXPECT_EQ(admission.refused[0].deadline, 4u);
  EXPECT_EQ(admission.refused[1].job, 3u);
  EXPECT_EQ(admission.refused[1].deadline, 9u) << "0 and 2 make do with slots before 4";
  const auto plan = plan_fleet(yard.fleet());
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::absent);
  EXPECT_EQ(plan.error().where, "job 1");
  EXPECT_NE(plan.error().hint.find("slot 4"), std::string::npos) << plan.error().hint;
}

// Against trying everything: who is let in, and that one slot less than the deadline named fails.
TEST(Admission, is_exact) {
  Random random(1);
  int refused = 0;
  for (int i = 0; i < 1500; ++i) {
    const Yard yard = random_yard(random, {7, 5, 4, 3, 2}, false);
    const Fleet fleet = yard.fleet();
    const Admission admission = admit(fleet);
    EXPECT_TRUE(least_by_trying(only(fleet, admission.admitted))) << i;
    for (const Refused& one : admission.refused) {
      ++refused;
      std::vector<std::size_t> jobs;
      for (const std::size_t job : admission.admitted) {
        if (job < one.job) jobs.push_back(job);
      }
      jobs.push_back(one.job);
      Fleet beside = only(fleet, jobs);
      const std::size_t named = one.deadline.value_or(fleet.intensity.size() + 1);
      for (std::size_t end = beside.jobs.back().deadline; end < named; ++end) {
        beside.jobs.back().deadline = end;
        EXPECT_FALSE(least_by_trying(beside)) << i << ", deadline " << end;
      }
      if (!one.deadline) continue;
      beside.jobs.back().deadline = *one.deadline;
      EXPECT_TRUE(least_by_trying(beside)) << i;
    }
  }
  EXPECT_GT(refused, 300);
}

TEST(Fleet, bound_least_and_plan_stand_in_this_order_and_near_to_each_other) {
  Random random(2);
  double cost = 0;
  double least = 0;
  double bound = 0;
  for (int i = 0; i < 400; ++i) {
    const Yard yard = random_yard(random, {8, 4, 4, 4, 2}, i % 2 == 0);
    const Fleet fleet = only(yard.fleet(), admit(yard.fleet()).admitted);
    if (fleet.jobs.empty()) continue;
    const auto plan = plan_fleet(fleet);
    ASSERT_TRUE(plan) << plan.error().line();
    expect_feasible(fleet, plan->slots);
    const double best = least_by_trying(fleet).value();
    EXPECT_LE(as_grams(plan->bound), best * (1 + kClose) + kClose) << i;
    EXPECT_GE(as_grams(plan->cost.total()), best * (1 - kClose)) << i;
    EXPECT_NEAR(as_grams(cost_of(fleet, plan->slots).total()), as_grams(plan->cost.total()),
                kClose);
    cost += as_grams(plan->cost.total());
    least += best;
    bound += as_grams(plan->bound);
  }
  RecordProperty("plan_over_least_pct", std::to_string(100 * (cost / least - 1)));
  RecordProperty("bound_under_least_pct", std::to_string(100 * (1 - bound / least)));
  EXPECT_LT(cost, least * 1.01);
  EXPECT_GT(bound, least * 0.95);
}

TEST(Fleet, any_prices_give_a_bound) {
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const Yard yard = random_yard(random, {8, 4, 4, 4, 2}, i % 2 == 0);
    const Fleet fleet = only(yard.fleet(), admit(yard.fleet()).admitted);
    if (fleet.jobs.empty()) continue;
    const double best = least_by_trying(fleet).value();
    for (int k = 0; k < 5; ++k) {
      const auto bound = fleet_bound(fleet, prices(random, fleet.intensity.size()));
      ASSERT_TRUE(bound);
      EXPECT_LE(as_grams(*bound), best * (1 + kClose) + kClose) << i;
    }
  }
}

// Full yards: windows overlap, machines are few, and what admission promised is kept.
TEST(Fleet, who_is_admitted_is_on_time_on_no_more_machines_than_there_are) {
  Random random(4);
  int refused = 0;
  int moved = 0;
  for (int i = 0; i < 150; ++i) {
    const Yard yard = random_yard(random, {120, 40, 20, 25, 6}, i % 2 == 0);
    const Admission admission = admit(yard.fleet());
    const Fleet fleet = only(yard.fleet(), admission.admitted);
    ASSERT_FALSE(fleet.jobs.empty());
    ASSERT_TRUE(check(fleet));
    refused += static_cast<int>(admission.refused.size());
    const auto now = plan_now(fleet);
    const auto plan = plan_fleet(fleet, {.rounds = 30});
    const auto alone = plan_independent(fleet);
    ASSERT_TRUE(now && plan && alone);
    expect_feasible(fleet, *now);
    expect_feasible(fleet, plan->slots);
    if (overload_of(fleet, *alone).slots > 0) ++moved;
    const double cost = as_grams(plan->cost.total());
    EXPECT_GE(cost, as_grams(plan->bound) - kClose);
    EXPECT_LE(cost, as_grams(cost_of(fleet, *now).total())) << "no worse than a queue";
    EXPECT_GE(as_grams(plan->bound), as_grams(cost_of(fleet, *alone).total()) - kClose)
        << "prices of nothing are those of the independent plans";
    EXPECT_NEAR(as_grams(fleet_bound(fleet, plan->price).value()), as_grams(plan->bound), kClose);
  }
  EXPECT_GT(refused, 100);
  EXPECT_GT(moved, 100);
}

TEST(Fleet, one_job_on_one_machine_is_planned_exactly) {
  Random random(5);
  for (int i = 0; i < 50; ++i) {
    Yard yard = random_yard(random, {90, 1, 30, 60, 1}, true);
    const FleetJob job = yard.fleet().jobs[0];
    Question asked;
    asked.intensity.assign(yard.intensity.begin() + static_cast<std::ptrdiff_t>(job.begin),
                           yard.intensity.begin() + static_cast<std::ptrdiff_t>(job.deadline));
    asked.work = yard.work[0];
    asked.charges.resume = job.resume;
    const auto plan = plan_fleet(yard.fleet());
    ASSERT_TRUE(plan);
    EXPECT_NEAR(as_grams(plan->cost.total()), as_grams(exact(asked.problem())->cost), kClose);
    EXPECT_NEAR(as_grams(plan->bound), as_grams(plan->cost.total()), kClose);
  }
}

TEST(Fleet, with_a_machine_for_each_job_every_job_is_planned_as_though_alone) {
  Random random(6);
  Yard yard = random_yard(random, {200, 30, 30, 60, 1}, true);
  yard.machines = yard.jobs.size();
  const auto plan = plan_fleet(yard.fleet());
  ASSERT_TRUE(plan);
  const auto alone = plan_independent(yard.fleet());
  EXPECT_NEAR(as_grams(plan->cost.total()), as_grams(cost_of(yard.fleet(), *alone).total()),
              kClose);
  EXPECT_EQ(plan->rounds, 1);
  EXPECT_NEAR(plan->gap(), 0, 1e-12);
}

TEST(Fleet, runs_now_as_a_queue_would) {
  Yard yard;
  yard.intensity = intensities(std::vector<double>(12, 100));
  yard.add(energies({1, 1, 1}), 1, 12);
  yard.add(energies({1, 1}), 0, 12);  // begins before it
  yard.add(energies({1, 1}), 2, 4);   // has no time to wait
  const auto now = plan_now(yard.fleet());
  ASSERT_TRUE(now);
  EXPECT_EQ((*now)[1], (Slots{0, 1}));
  EXPECT_EQ((*now)[2], (Slots{2, 3}));
  EXPECT_EQ((*now)[0], (Slots{4, 5, 6})) << "made room";
  yard.jobs[0].begin = 4;
  EXPECT_EQ((*plan_now(yard.fleet()))[0], (Slots{4, 5, 6}));
}

TEST(Fleet, a_second_plan_is_the_first_one) {
  Random random(7);
  const Yard yard = random_yard(random, {150, 30, 20, 40, 3}, true);
  const Fleet fleet = only(yard.fleet(), admit(yard.fleet()).admitted);
  const auto plan = plan_fleet(fleet);
  const auto again = plan_fleet(fleet);
  EXPECT_EQ(plan->slots, again->slots);
  EXPECT_EQ(as_grams(plan->bound), as_grams(again->bound));
}

TEST(Fleet, refuses_what_makes_no_sense) {
  Yard good;
  good.intensity = intensities({1, 2, 3, 4});
  good.add(energies({1, 1}), 0, 3);
  ASSERT_TRUE(check(good.fleet()));
  const auto error = [](const Yard& yard) { return check(yard.fleet()).error(); };
  Yard bad = good;
  bad.machines = 0;
  EXPECT_EQ(error(bad).kind, ErrorKind::malformed);
  bad = good, bad.jobs.clear(), bad.work.clear();
  EXPECT_EQ(error(bad).kind, ErrorKind::malformed);
  bad = good, bad.jobs[0].deadline = 5;
  EXPECT_EQ(error(bad).kind, ErrorKind::malformed);
  bad = good, bad.jobs[0].begin = 3;
  EXPECT_EQ(error(bad).kind, ErrorKind::malformed);
  bad = good, bad.jobs[0].resume = kwh(-1);
  EXPECT_EQ(error(bad).where, "job 0");
  bad = good, bad.intensity[2] = kMissing;
  EXPECT_EQ(error(bad).kind, ErrorKind::temporary) << "a gap, not a fault";
  bad = good, bad.intensity[3] = kMissing;
  EXPECT_TRUE(check(bad.fleet())) << "a gap that no job touches";
  bad = good, bad.jobs[0].deadline = 1;
  EXPECT_TRUE(check(bad.fleet())) << "that is for admission to say";
  EXPECT_EQ(admit(bad.fleet()).refused.front().deadline, 2u);
  EXPECT_EQ(plan_independent(bad.fleet()).error().kind, ErrorKind::absent);
}

}  // namespace
}  // namespace lowtide::plan
