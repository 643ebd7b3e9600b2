#include "act/way_on.h"

#include <gtest/gtest.h>

#include "plan/problem_for_test.h"

namespace lowtide::act {
namespace {

using std::chrono::minutes;

// Fifteen minutes of work in a window of eight slots.
struct Asked {
  Asked() { state.length = minutes(15); }
  [[nodiscard]] Result<Plan> plan() const {
    return way_on(state, {Utc(minutes(2)), intensity, kwh(1), charges});
  }
  ActState state;
  std::vector<Intensity> intensity = plan::intensities({5, 9, 9, 9, 9, 4, 4, 9});
  plan::Charges charges;
};

std::vector<Interval> slots(const std::vector<std::pair<int, int>>& runs) {
  std::vector<Interval> out;
  out.reserve(runs.size());
  for (const auto& [begin, end] : runs) {
    out.push_back({Utc(minutes(5 * begin)), Utc(minutes(5 * end))});
  }
  return out;
}

TEST(WayOn, a_job_that_may_pause_is_given_the_exact_plan_and_the_others_their_best_start) {
  Asked asked;
  const auto whole = asked.plan();
  EXPECT_EQ(whole->runs, slots({{4, 7}}));
  EXPECT_EQ(whole->why, PlanWhy::cheaper);
  EXPECT_DOUBLE_EQ(whole->saving, 1 - 17.0 / 23);
  asked.state.terms.manner = Manner::freeze;
  EXPECT_EQ(asked.plan()->runs, slots({{0, 1}, {5, 7}}));
}

TEST(WayOn, a_resume_begins_early_enough_to_read_its_state_back) {
  Asked asked;
  asked.state.terms.manner = Manner::checkpoint;
  asked.charges.restore_slots = 2;
  EXPECT_EQ(asked.plan()->runs, slots({{0, 1}, {3, 7}}));
  asked.state.lives = 1;
  asked.state.phase = Phase::paused;
  asked.state.worked = minutes(5);
  EXPECT_EQ(asked.plan()->runs, slots({{3, 7}}));
}

TEST(WayOn, without_gain_slack_or_a_known_length_it_runs_on) {
  Asked asked;
  asked.state.terms.manner = Manner::freeze;
  const auto runs_on = [&] {
    const auto plan = asked.plan();
    return plan && plan->runs.empty() && plan->why == PlanWhy::no_gain;
  };
  EXPECT_FALSE(runs_on());
  asked.charges.resume = kwh(9);
  asked.state.lives = 1;
  asked.state.phase = Phase::running;
  asked.state.body = Body::runs;
  EXPECT_TRUE(runs_on());
  asked = Asked();
  asked.intensity.resize(3);
  EXPECT_TRUE(runs_on());
  asked = Asked();
  asked.state.length.reset();
  EXPECT_TRUE(runs_on());
}

TEST(WayOn, a_gap_in_the_forecast_is_no_plan) {
  for (const Manner manner : {Manner::none, Manner::freeze}) {
    Asked asked;
    asked.state.terms.manner = manner;
    asked.intensity[6] = plan::kMissing;
    const auto refused = asked.plan();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::temporary);
  }
}

}  // namespace
}  // namespace lowtide::act
