// What the sweeps over every start must obey whatever the figures, and that they give what the
// functions of one start give.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <numeric>

#include "plan/exact.h"
#include "plan/policies.h"
#include "plan/problem_for_test.h"
#include "plan/sweep.h"
#include "plan/sweep_reference.h"

namespace lowtide::plan {
namespace {

constexpr double kDouble = 1e-12;
constexpr double kFloat = 2e-5;

void expect_times(std::span<const Carbon> got, std::span<const Carbon> of, double factor,
                  double relative) {
  ASSERT_EQ(got.size(), of.size());
  for (std::size_t t = 0; t < got.size(); ++t) {
    ASSERT_NEAR(as_grams(got[t]), factor * as_grams(of[t]), relative * as_grams(got[t])) << t;
  }
}

// A long series, a job and two slacks.
struct Case {
  Question asked;
  std::vector<std::size_t> slacks = {5, 60};
  std::vector<std::size_t> starts;
  explicit Case(std::uint64_t seed) {
    Random random(seed);
    asked = question(random, 24, 400, Shape::any);
    starts.resize(asked.intensity.size() - 24 - 60 + 1);
    std::iota(starts.begin(), starts.end(), 0);
  }
  [[nodiscard]] std::vector<Carbon> baseline() const {
    return baseline_for_all(asked.intensity, asked.work);
  }
  [[nodiscard]] std::vector<Carbon> flexible() const {
    return flexible_start_for_all(baseline(), slacks)[1];
  }
  [[nodiscard]] std::vector<Carbon> lowest() const {
    return lowest_slots_for_all(RankedSeries(asked.intensity), asked.work, slacks[1]).carbon;
  }
  [[nodiscard]] std::vector<Carbon> flat_lowest() const {
    return flat_lowest_slots_for_all(RankedSeries(asked.intensity), asked.work[0], 24, slacks[1]);
  }
  [[nodiscard]] std::vector<Carbon> exact(Energy resume) const {
    return exact_for_starts(asked.intensity, {asked.work, resume, slacks, starts})[1];
  }
};

TEST(SweepLaws, all_grow_with_intensity_and_with_energy) {
  const Case plain(1);
  Case dirty(1);
  for (Intensity& c : dirty.asked.intensity) c *= 3;
  Case big(1);
  for (Energy& e : big.asked.work) e *= 3;
  for (const Case* other : {&dirty, &big}) {
    expect_times(other->baseline(), plain.baseline(), 3, kDouble);
    expect_times(other->flexible(), plain.flexible(), 3, kDouble);
    expect_times(other->lowest(), plain.lowest(), 3, kFloat);
    expect_times(other->flat_lowest(), plain.flat_lowest(), 3, kDouble);
    expect_times(other->exact(Energy()), plain.exact(Energy()), 3, kFloat);
  }
  expect_times(dirty.exact(kwh(0.5)), plain.exact(kwh(0.5)), 3, kFloat);
  expect_times(big.exact(kwh(1.5)), plain.exact(kwh(0.5)), 3, kFloat);
}

TEST(SweepLaws, a_shift_of_the_series_shifts_the_figures) {
  const Case plain(2);
  Case later(2);
  later.asked.intensity.insert(later.asked.intensity.begin(), 7, grams_per_kwh(123));
  const auto behind = [](std::vector<Carbon> all, std::size_t count) {
    all.erase(all.begin(), all.begin() + 7);
    all.resize(count);
    return all;
  };
  expect_times(behind(later.baseline(), plain.baseline().size()), plain.baseline(), 1, kDouble);
  expect_times(behind(later.flexible(), plain.flexible().size()), plain.flexible(), 1, kDouble);
  expect_times(behind(later.lowest(), plain.lowest().size()), plain.lowest(), 1, kFloat);
  expect_times(behind(later.flat_lowest(), plain.flat_lowest().size()), plain.flat_lowest(), 1,
               kDouble);
  for (std::size_t& start : later.starts) start += 7;
  EXPECT_EQ(later.exact(kwh(0.5)), plain.exact(kwh(0.5)));
}

TEST(SweepLaws, what_is_added_to_every_slot_is_added_to_all_without_charges) {
  const Case plain(3);
  Case more(3);
  for (Intensity& c : more.asked.intensity) c += grams_per_kwh(100);
  const Energy all = std::accumulate(plain.asked.work.begin(), plain.asked.work.end(), Energy());
  const auto added = [&](std::vector<Carbon> costs, Energy energy) {
    for (Carbon& cost : costs) cost += energy * grams_per_kwh(100);
    return costs;
  };
  expect_times(more.baseline(), added(plain.baseline(), all), 1, kDouble);
  expect_times(more.flexible(), added(plain.flexible(), all), 1, kDouble);
  expect_times(more.lowest(), added(plain.lowest(), all), 1, kFloat);
  expect_times(more.flat_lowest(), added(plain.flat_lowest(), plain.asked.work[0] * 24), 1,
               kDouble);
  expect_times(more.exact(Energy()), added(plain.exact(Energy()), all), 1, kFloat);
}

TEST(SweepLaws, a_charge_without_end_makes_exact_flexible_start) {
  const Case plain(4);
  expect_times(plain.exact(kwh(1e6)), plain.flexible(), 1, kFloat);
}

// The sweeps against the functions that plan one start.
TEST(SweepLaws, every_start_is_planned_as_if_it_were_the_only_one) {
  Random random(77);
  for (int i = 0; i < 30; ++i) {
    const Shape shape = kShapes[i % 4];
    const Question asked = question(random, 1 + up_to(random, 40), 200 + up_to(random, 90), shape);
    const std::vector<std::size_t> slacks = {up_to(random, 80)};
    std::vector<std::size_t> starts(asked.intensity.size() - asked.work.size() - slacks[0] + 1);
    std::iota(starts.begin(), starts.end(), 0);
    const Energy resume = kwh(i % 3 == 0 ? 0 : between(random, 0, 2));
    const auto flexible =
        flexible_start_for_all(baseline_for_all(asked.intensity, asked.work), slacks)[0];
    const auto lowest = lowest_slots_for_all(RankedSeries(asked.intensity), asked.work, slacks[0]);
    const auto best = exact_for_starts(asked.intensity, {asked.work, resume, slacks, starts})[0];
    for (int k = 0; k < 10; ++k) {
      const std::size_t t = up_to(random, starts.size() - 1);
      const Problem one{
          std::span(asked.intensity).subspan(t, asked.work.size() + slacks[0]), asked.work, {}};
      const double start = as_grams(cost_of(one, *flexible_start(one)).total());
      EXPECT_NEAR(as_grams(flexible[t]), start, kDouble * start);
      const Cost low = cost_of(one, *lowest_slots(one));
      EXPECT_NEAR(as_grams(lowest.carbon[t]), as_grams(low.total()),
                  kFloat * as_grams(low.total()));
      EXPECT_EQ(lowest.resumes[t], low.resumes);
      Problem charged = one;
      charged.charges.resume = resume;
      const double least = as_grams(exact(charged)->cost);
      EXPECT_NEAR(as_grams(best[t]), least, kFloat * least);
    }
  }
}

// Exact without a charge <= with one <= flexible start <= now, and exact <= lowest slots.
// Small whole numbers, so that shrinking shows the case.
void stand_in_their_order() {
  const auto small = [](int least, int most) { return *rc::gen::inRange(least, most + 1); };
  const auto work = static_cast<std::size_t>(small(1, 9));
  const std::vector<std::size_t> slacks = {static_cast<std::size_t>(small(0, 9))};
  std::vector<std::size_t> starts(static_cast<std::size_t>(small(1, 12)));
  std::iota(starts.begin(), starts.end(), 0);
  std::vector<Intensity> c(work + slacks[0] + starts.size() - 1);
  for (Intensity& value : c) value = grams_per_kwh(small(0, 6));
  std::vector<Energy> p(work);
  for (Energy& energy : p) energy = kwh(small(0, 3));
  const Energy resume = kwh(small(0, 3));

  const auto now = baseline_for_all(c, p);
  const auto flexible = flexible_start_for_all(now, slacks)[0];
  const auto lowest = lowest_slots_for_all(RankedSeries(c), p, slacks[0]);
  const auto free = exact_for_starts(c, {p, Energy(), slacks, starts})[0];
  const auto charged = exact_for_starts(c, {p, resume, slacks, starts})[0];
  const auto want = reference::exact_for_starts(c, {p, resume, slacks, starts})[0];
  for (const std::size_t t : starts) {
    RC_ASSERT(std::abs(as_grams(charged[t] - want[t])) <= kFloat * as_grams(want[t]));
    RC_ASSERT(free[t] <= charged[t] * (1 + kFloat));
    RC_ASSERT(charged[t] <= flexible[t] * (1 + kFloat));
    RC_ASSERT(flexible[t] <= now[t]);
    RC_ASSERT(free[t] <= lowest.carbon[t] * (1 + kFloat));
    RC_ASSERT(lowest.resumes[t] > 0 || charged[t] <= lowest.carbon[t] * (1 + kFloat));
  }
}
TEST(SweepLaws, policies_stand_in_their_order) { EXPECT_TRUE(rc::check(stand_in_their_order)); }

}  // namespace
}  // namespace lowtide::plan
