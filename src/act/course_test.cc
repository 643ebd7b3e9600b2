// What a run says that goes on past its deadline or past its work.
#include <gtest/gtest.h>

#include "act/controller.h"
#include "act/script_for_test.h"

namespace lowtide::act {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TEST(Course, a_deadline_that_passes_is_said_once) {
  Script run(Manner::none);
  run.plan({{Utc(hours(0)), Utc(hours(4))}}).written().hear(events::Started{});
  run.after(hours(23));
  EXPECT_EQ(run.said.find("late"), std::string::npos);
  EXPECT_EQ(next_in(run.state, run.now), hours(1)) << "it is looked at then";
  EXPECT_EQ(run.after(hours(1)).said, "say late");
  EXPECT_EQ(run.after(hours(1)).said, "");
  Script ended(Manner::none);
  ended.plan({{Utc(hours(0)), Utc(hours(4))}}).written().hear(events::Started{});
  ended.after(hours(4)).hear(events::JobEnded{0, true});
  EXPECT_EQ(ended.said, "write ended");
}

TEST(Course, a_planned_pause_of_a_job_that_says_that_all_is_done_is_dropped_and_that_is_said) {
  Script run(Manner::checkpoint);
  run.running().after(minutes(10)).hear(events::Progress{1});
  EXPECT_EQ(run.said.find("outlived"), std::string::npos) << "it may be about to end";
  run.after(minutes(50));
  EXPECT_EQ(run.state.phase, Phase::running);
  EXPECT_NE(run.said.find("say outlived"), std::string::npos) << run.said;
  EXPECT_EQ(run.after(minutes(10)).said.find("outlived"), std::string::npos) << "once";
}

TEST(Course, a_pause_that_a_newer_plan_has_no_more_is_dropped_too) {
  Script run(Manner::freeze);
  run.running().after(minutes(10)).hear(events::Progress{1});
  EXPECT_NE(run.plan({}).said.find("say outlived"), std::string::npos);
  Script other(Manner::freeze);
  other.running().after(minutes(10));
  EXPECT_EQ(other.plan({}).said.find("outlived"), std::string::npos) << "a matter of the hours";
}

}  // namespace
}  // namespace lowtide::act
