#include "study/replan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "plan/exact.h"
#include "plan/policies.h"

namespace lowtide::study {
namespace {

// A wave with noise, zeros among it; the same on every machine.
std::vector<Intensity> made(std::size_t slots, std::uint64_t seed) {
  std::vector<Intensity> out;
  for (std::size_t i = 0; i < slots; ++i) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    const double noise = static_cast<double>(seed >> 40) / (1 << 24);
    const double value = 200 + 150 * std::sin(static_cast<double>(i) / 5) + 200 * (noise - 0.5);
    out.push_back(grams_per_kwh(std::max(0.0, value)));
  }
  return out;
}

ReplanJob job_of(std::size_t work, std::size_t slack, std::size_t every, double resume_kwh) {
  return {work, slack, every, kwh(0.1), kwh(resume_kwh)};
}

Said truth_of(const std::vector<Intensity>& truth) {
  return [&truth](std::size_t slot) { return std::span(truth).subspan(slot); };
}

TEST(Replan, with_the_truth_it_is_the_plan_made_once) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    for (const double resume : {0.0, 0.05, 0.3, 5.0}) {
      const ReplanJob job = job_of(3 + seed % 17, 5 + seed % 23, 1 + seed % 6, resume);
      const auto truth = made(job.window(), seed);
      const std::vector<Energy> work(job.work, job.per_slot);
      plan::Charges charges;
      charges.resume = job.resume;
      const plan::Problem problem{truth, work, charges};
      const double once = as_grams(plan::exact(problem)->cost);
      const double again = as_grams(cost_on(job, truth, replan_exact(job, truth_of(truth), {})));
      EXPECT_NEAR(again, once, 1e-3 * (1 + resume)) << seed << " " << resume;
      const double start = as_grams(cost_of(problem, *plan::flexible_start(problem)).total());
      EXPECT_NEAR(as_grams(cost_on(job, truth, replan_start(job, truth_of(truth), {}))), start,
                  1e-9);
    }
  }
}

TEST(Replan, the_end_is_kept_whatever_is_forecast) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const ReplanJob job = job_of(1 + seed % 11, seed % 29, 1 + seed % 12, 0.1);
    // Each hour says that later is better than now, and another later each hour.
    std::vector<Intensity> lies;
    const Said lying = [&](std::size_t slot) {
      lies = made(job.window() - slot, seed * 1000 + slot);
      for (std::size_t i = 0; i < lies.size(); ++i) {
        lies[i] += grams_per_kwh(1000.0 * static_cast<double>(lies.size() - i));
      }
      return std::span<const Intensity>(lies);
    };
    for (const auto& slots : {replan_exact(job, lying, {}), replan_start(job, lying, {})}) {
      ASSERT_EQ(slots.size(), job.work);
      EXPECT_LT(slots.back(), job.window());
      for (std::size_t i = 1; i < slots.size(); ++i) EXPECT_GT(slots[i], slots[i - 1]);
    }
  }
}

TEST(Replan, going_on_is_no_resume_and_beginning_again_is) {
  // Running through costs 39 g; without the two dear slots it is 31 g and a resume at 100 g/kWh.
  const ReplanJob job = job_of(4, 2, 1, 0.3);
  std::vector<Intensity> truth(6, grams_per_kwh(100));
  truth[0] = grams_per_kwh(10);
  truth[1] = truth[2] = grams_per_kwh(140);
  EXPECT_EQ(replan_exact(job, truth_of(truth), {}), (plan::Slots{0, 1, 2, 3}));
  ReplanJob free = job;
  free.resume = kwh(0.05);
  EXPECT_EQ(replan_exact(free, truth_of(truth), {}), (plan::Slots{0, 3, 4, 5}));
}

TEST(Replan, what_is_not_known_is_run_through) {
  const ReplanJob job = job_of(4, 8, 2, 0.1);
  auto truth = made(job.window(), 5);
  truth[11] = plan::kMissing;
  EXPECT_EQ(replan_exact(job, truth_of(truth), {}), (plan::Slots{0, 1, 2, 3}));
  EXPECT_EQ(replan_start(job, truth_of(truth), {}), (plan::Slots{0, 1, 2, 3}));
}

TEST(Replan, who_may_not_shift_runs_now) {
  const ReplanJob job = job_of(4, 8, 2, 0.1);
  auto truth = made(job.window(), 5);
  for (std::size_t i = 0; i < 6; ++i) truth[i] = grams_per_kwh(900);
  const MayShift never = [](const Choice&) { return false; };
  EXPECT_EQ(replan_exact(job, truth_of(truth), never), (plan::Slots{0, 1, 2, 3}));
  EXPECT_EQ(replan_start(job, truth_of(truth), never), (plan::Slots{0, 1, 2, 3}));
  EXPECT_NE(replan_exact(job, truth_of(truth), {}), (plan::Slots{0, 1, 2, 3}));
}

}  // namespace
}  // namespace lowtide::study
