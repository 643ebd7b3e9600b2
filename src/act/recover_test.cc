#include <gtest/gtest.h>

#include "act/controller.h"
#include "act/script_for_test.h"

namespace lowtide::act {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Seen seen_job(Body job, int lives) {
  Seen seen;
  seen.job = job;
  seen.lives = lives;
  return seen;
}

TEST(Recover, a_frozen_job_is_thawed_before_anything_else) {
  Script before(Manner::freeze);
  before.frozen();
  Script run(before.state, seen_job(Body::frozen, 1), hours(2), hours(2));
  EXPECT_EQ(run.said, "thaw, say thawed, plan, write recovered resumes");
  EXPECT_EQ(run.hear(events::Thawed{}).said, "write resumed pauses");  // the plan still holds
}

TEST(Recover, a_start_on_record_is_not_done_twice) {
  Script before(Manner::freeze);
  before.plan({{Utc(hours(0)), Utc(hours(4))}});
  ASSERT_EQ(before.state.phase, Phase::starting);
  EXPECT_EQ(Script(before.state, seen_job(Body::runs, 1), hours(1), hours(1)).state.phase,
            Phase::running);
  Script again(before.state, seen_job(Body::none, 0), hours(1), hours(1));
  EXPECT_EQ(again.state.phase, Phase::starting);
  Seen ended = seen_job(Body::none, 1);
  ended.status = 4;
  EXPECT_EQ(Script(before.state, ended, hours(1), hours(1)).state.phase, Phase::done);
  EXPECT_EQ(Script(before.state, ended, hours(1), hours(1)).state.status, 4);
}

TEST(Recover, after_a_reboot_a_checkpoint_goes_on_and_what_has_none_is_lost) {
  Script before(Manner::checkpoint);
  before.saved().after(hours(2)).written().hear(events::Started{}).after(hours(1));
  EXPECT_EQ(before.state.worked, hours(2));
  Script run(before.state, seen_job(Body::none, 2), hours(5), seconds(30));
  EXPECT_EQ(run.state.worked, hours(1));  // what the checkpoint kept
  EXPECT_EQ(run.said, "plan, write recovered paused resumes");
  Script frozen(Manner::freeze);
  frozen.frozen();
  Script lost(frozen.state, seen_job(Body::none, 1), hours(5), seconds(30));
  EXPECT_EQ(lost.state.phase, Phase::done);
  EXPECT_TRUE(lost.state.lost);
  EXPECT_EQ(lost.said, "say lost, write recovered ended");
}

TEST(Recover, what_its_progress_says_is_done_is_not_run_again) {
  for (const Manner manner : {Manner::checkpoint, Manner::freeze}) {
    Script before(manner);
    before.running().after(minutes(30));
    Seen gone = seen_job(Body::none, 1);
    gone.progress = 1;
    gone.finished = true;
    Script run(before.state, gone, hours(5), seconds(30));
    EXPECT_EQ(run.said, "write recovered learnt ended");
    EXPECT_EQ(run.state.phase, Phase::done);
    EXPECT_FALSE(run.state.lost);
    EXPECT_EQ(run.state.status, std::nullopt);
    EXPECT_EQ(final_status(run.state), 0);
  }
}

TEST(Recover, what_a_job_saved_by_itself_is_taken_from_its_word_and_its_pace) {
  // 4 h by the user, 8 h in truth; it saves by itself, and loses nothing in a reboot after 2 h.
  Script before(Manner::checkpoint);
  before.running().after(hours(1));
  Script run(before.state, seen_job(Body::none, 1), hours(5), seconds(30));
  EXPECT_EQ(run.state.worked, Duration::zero());
  run.hear(events::RunNow{}).written().hear(events::Started{});
  run.hear(events::Progress{0.25});
  EXPECT_EQ(run.state.length,
            std::nullopt);  // not 4 h, and not what 0 h at a quarter would make it
  run.after(hours(2)).hear(events::Progress{0.5});
  EXPECT_EQ(run.state.length, hours(8));
  EXPECT_EQ(run.state.worked, hours(4));
  run.after(hours(2)).hear(events::Progress{0.75});
  EXPECT_EQ(run.state.length, hours(8));
}

TEST(Recover, a_life_whose_end_is_not_on_record_may_have_saved_nothing) {
  // The record of what followed failed; the user wants it to run, so it was started without one.
  Script before(Manner::checkpoint);
  before.signalled();
  Script run(before.state, seen_job(Body::runs, 2), hours(5), seconds(30));
  EXPECT_EQ(run.state.worked, Duration::zero());
  EXPECT_TRUE(run.state.adrift);
}

TEST(Recover, what_the_job_did_while_nobody_watched_counts) {
  Script before(Manner::freeze);
  before.running();
  Seen seen = seen_job(Body::runs, 1);
  seen.unwatched = minutes(30);
  Script run(before.state, seen, minutes(40), minutes(40));
  EXPECT_EQ(run.state.worked, minutes(30));
  seen.progress = 0.25;
  EXPECT_EQ(Script(before.state, seen, minutes(40), minutes(40)).state.length, hours(2));
}

TEST(Recover, what_is_over_stays_over) {
  Script before(Manner::freeze);
  before.running().hear(events::JobEnded{0, false});
  EXPECT_EQ(Script(before.state, seen_job(Body::none, 1), hours(9), hours(9)).said, "");
}

}  // namespace
}  // namespace lowtide::act
