// Runs that a plan moves: times and charges between their lives and before they begin.
#include <gtest/gtest.h>

#include "account/testing_run.h"
#include "series/merge_lives.h"
#include "series/standing.h"

namespace lowtide::account {
namespace {

const Utc kBegin(std::chrono::seconds(1'767'571'200));

Report derived(const RunRecord& run) { return derive(run, test_tables()); }

TEST(Moved, time_between_the_lives_of_a_plan_is_paused_and_costs_nothing_unless_it_was_held) {
  TestRun first(hours(1), kBegin);
  TestRun second(hours(2), kBegin + hours(4));
  first.gpu(watts(300)).cpus(64, 32).constant(400);
  second.gpu(watts(300)).cpus(64, 32).constant(400);
  RunRecord a = first.record;
  RunRecord b = second.record;
  b.id = "life2";
  b.life_of = a.id;
  const Report plain = derived(merge_lives({a, b}));
  a.moved = b.moved = true;
  RunRecord merged = merge_lives({a, b});
  const Report report = derived(merged);
  EXPECT_EQ(*plain.duration, hours(3));
  EXPECT_EQ(*plain.paused, Duration::zero());
  EXPECT_EQ(*report.duration, hours(6));
  EXPECT_EQ(*report.paused, hours(3));
  EXPECT_EQ(*report.active, hours(3));
  EXPECT_NEAR(as_kwh(*report.energy.it), 0.9, 1e-12);
  EXPECT_DOUBLE_EQ(report.energy.coverage, 1);
  EXPECT_EQ(*report.carbon.embodied, *plain.carbon.embodied);
  merged.options.machine = MachineWhilePaused::held;
  EXPECT_NEAR(*derived(merged).carbon.embodied / *plain.carbon.embodied, 2, 1e-9);
  // And after the last life the pause goes on.
  stand(merged, RunState::paused, kBegin + hours(10));
  const Report paused = derived(merged);
  EXPECT_EQ(*paused.paused, hours(7));
  EXPECT_EQ(*paused.active, hours(3));
  EXPECT_DOUBLE_EQ(paused.energy.coverage, 1);
  EXPECT_EQ(paused.slots.back().span.end, kBegin + hours(6));
}

TEST(Moved, a_run_that_never_began_has_waited_and_shows_no_energy) {
  RunRecord run;
  run.submitted = kBegin;
  run.state = RunState::waiting;
  stand(run, RunState::waiting, kBegin + hours(2));
  Report report = derived(run);
  EXPECT_EQ(report.waiting, hours(2));
  EXPECT_FALSE(report.duration || report.active || report.paused || report.energy.it);
  EXPECT_FALSE(report.carbon.total);
  run.state = RunState::cancelled;
  run.end = kBegin + hours(1);
  run.as_of.reset();
  report = derived(run);
  EXPECT_EQ(report.waiting, hours(1));
  EXPECT_FALSE(report.duration || report.energy.it || report.carbon.total);
}

}  // namespace
}  // namespace lowtide::account
