#include "series/standing.h"

#include <gtest/gtest.h>

#include "series/merge_lives.h"

namespace lowtide {
namespace {

using std::chrono::hours;
constexpr Utc kBegin{std::chrono::seconds(1'767'571'200)};

RunRecord life(const std::string& id, int from, int to) {
  RunRecord run;
  run.id = id;
  run.life_of = id == "a" ? "" : "a";
  run.host = "here";
  run.submitted = kBegin - hours(1);
  run.begin = kBegin + hours(from);
  run.end = kBegin + hours(to);
  run.state = RunState::failed;
  run.exit_status = 75;
  run.exit_note = "x";
  run.moved = true;
  run.channels.resize(1);
  run.channels[0].id = "cpu:0";
  return run;
}

RunRecord waiting() {
  RunRecord run;
  run.submitted = kBegin;
  run.state = RunState::waiting;
  return run;
}

TEST(Standing, a_record_that_waits_is_told_up_to_now) {
  RunRecord run = waiting();
  stand(run, RunState::waiting, kBegin + hours(3));
  EXPECT_TRUE(run.moved);
  EXPECT_EQ(run.state, RunState::waiting);
  EXPECT_EQ(run.as_of, kBegin + hours(3));
  stand(run, RunState::waiting, kBegin - hours(1));
  EXPECT_EQ(run.as_of, kBegin) << "no clock that was set back makes it wait for less than nothing";
}

TEST(Standing, a_record_between_two_lives_is_paused_and_has_no_end_yet) {
  RunRecord run = merge_lives({life("a", 0, 1), life("b", 3, 4)});
  ASSERT_EQ(run.off.size(), 1U);
  stand(run, RunState::paused, kBegin + hours(9));
  EXPECT_EQ(run.state, RunState::paused);
  EXPECT_FALSE(run.end || run.exit_status || !run.exit_note.empty());
  EXPECT_EQ(run.as_of, kBegin + hours(9));
  ASSERT_EQ(run.off.size(), 2U);
  EXPECT_EQ(run.off[1], (Interval{kBegin + hours(4), kBegin + hours(9)}));
  EXPECT_EQ(time_away(run, run.channels[0].away), Duration::zero()) << "no reading is missing then";
  EXPECT_EQ(time_away(run, run.machine.away), Duration::zero());
  EXPECT_EQ(not_counted(run), Duration::zero());
}

TEST(Standing, a_life_that_is_frozen_goes_on) {
  RunRecord run = life("a", 0, 1);
  run.end.reset();
  run.state = RunState::running;  // its meter has not looked yet
  stand(run, RunState::paused, kBegin + hours(9));
  EXPECT_EQ(run.state, RunState::paused);
  EXPECT_TRUE(run.off.empty());
  EXPECT_EQ(run.as_of, std::nullopt);
}

TEST(Standing, who_cancels_does_not_end_what_still_runs) {
  RunRecord run = life("a", 0, 1);
  run.end.reset();
  run.state = RunState::running;
  stand(run, RunState::cancelled, kBegin + hours(9));
  EXPECT_EQ(run.state, RunState::running);
  run = life("a", 0, 1);
  stand(run, RunState::cancelled, kBegin + hours(9));
  EXPECT_EQ(run.state, RunState::cancelled);
  EXPECT_EQ(run.end, kBegin + hours(1));
  EXPECT_EQ(run.exit_status, 75);
}

TEST(Standing, who_was_cancelled_at_rest_has_no_exit_status_of_a_pause) {
  RunRecord run = life("a", 0, 1);
  stand(run, RunState::cancelled, kBegin + hours(9), true);
  EXPECT_EQ(run.state, RunState::cancelled);
  EXPECT_EQ(run.exit_status, std::nullopt);
  EXPECT_EQ(run.exit_note, "it was cancelled while it was paused");
}

TEST(Standing, what_the_lives_say_is_left_as_it_is) {
  RunRecord run = life("a", 0, 1);
  stand(run, std::nullopt, kBegin + hours(9));
  EXPECT_EQ(run.state, RunState::failed);
  EXPECT_EQ(run.end, kBegin + hours(1));
  EXPECT_TRUE(run.moved);
}

TEST(Standing, lives_of_a_plan_say_that_the_time_between_them_is_paused) {
  const RunRecord run = merge_lives({life("a", 0, 1), life("b", 3, 4)});
  ASSERT_EQ(run.events.size(), 1U);
  EXPECT_NE(run.events[0].detail.find("paused time"), std::string::npos) << run.events[0].detail;
}

}  // namespace
}  // namespace lowtide
