#include "act/controller.h"

#include <gtest/gtest.h>

#include "act/script_for_test.h"

namespace lowtide::act {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Controller, waits_for_the_plan_and_then_for_its_time) {
  Script run(Manner::none);
  EXPECT_EQ(run.said, "plan, write waits");
  EXPECT_EQ(run.after(minutes(10)).said, "");
  run.plan({{Utc(hours(2)), Utc(hours(6))}});
  EXPECT_EQ(run.said, "write planned");
  EXPECT_EQ(next_in(run.state, run.now), minutes(50));  // to plan anew
  EXPECT_EQ(run.after(minutes(110)).said, "write starts");
  EXPECT_EQ(run.written().said, "start");
  EXPECT_EQ(run.hear(events::Started{}).said, "write started");
  EXPECT_EQ(run.state.phase, Phase::running);
}

TEST(Controller, without_a_plan_it_starts_at_the_latest) {
  Script run(Manner::none);
  for (int hour = 1; hour < 20; ++hour) EXPECT_EQ(run.after(hours(1)).said, "") << hour;
  EXPECT_EQ(run.after(hours(1)).said, "write starts");  // 4 h before the deadline
}

TEST(Controller, a_provider_that_is_down_at_first_starts_the_job) {
  Script run(Manner::freeze);
  EXPECT_EQ(run.hear(events::NoPlan{}).said, "say no_plan, write starts");
}

TEST(Controller, an_earlier_plan_lasts_while_the_provider_is_down_but_not_for_ever) {
  Script run(Manner::none);
  run.plan({{Utc(hours(15)), Utc(hours(20))}});
  EXPECT_EQ(run.after(hours(1)).said, "plan");
  EXPECT_EQ(run.hear(events::NoPlan{}).said, "say no_plan");
  EXPECT_EQ(run.after(hours(4)).said, "plan");
  EXPECT_EQ(run.hear(events::NoPlan{}).said, "");  // said once
  EXPECT_EQ(run.after(hours(1)).said, "write starts");
}

TEST(Controller, a_newer_forecast_is_a_newer_plan) {
  Script run(Manner::none);
  run.plan({{Utc(hours(5)), Utc(hours(9))}});
  EXPECT_EQ(run.hear(events::ForecastCame{}).said, "plan");
  EXPECT_EQ(run.hear(events::ForecastCame{}).said, "");  // one at a time
  EXPECT_EQ(run.plan({{Utc(hours(0)), Utc(hours(4))}}).said, "write planned starts");
}

TEST(Controller, a_deadline_that_cannot_be_met_is_refused_with_the_earliest_end) {
  Terms terms;
  terms.deadline = Utc(hours(3));
  const auto refused = begin(terms, hours(4), {}, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::no_plan);
  EXPECT_EQ(refused.error().message,
            "the job takes 4 h 00 min and ends at 1970-01-01T04:00:00.000Z at the earliest");
}

TEST(Controller, a_length_that_is_not_known_is_not_waited_with) {
  Script run(Manner::freeze, std::nullopt);
  EXPECT_EQ(run.said, "plan, write waits starts");
}

TEST(Controller, freezes_in_this_order_written_armed_frozen) {
  Script run(Manner::freeze);
  run.running().after(hours(1));
  EXPECT_EQ(run.said, "plan, write pauses");
  EXPECT_EQ(run.written().said, "arm");
  EXPECT_EQ(run.armed_at, BootTime(hours(3) + minutes(10)));
  EXPECT_EQ(run.armed().said, "freeze");
  EXPECT_EQ(run.hear(events::Frozen{}).said, "write paused");
  EXPECT_EQ(run.state.phase, Phase::paused);
  run.after(hours(2));
  EXPECT_EQ(run.said, "write resumes");
  EXPECT_EQ(run.written().said, "thaw");
  EXPECT_EQ(run.hear(events::Thawed{}).said, "disarm, write resumed");
  EXPECT_EQ(run.state.phase, Phase::running);
  EXPECT_EQ(run.state.worked, hours(1));  // a frozen job does nothing
}

TEST(Controller, what_cannot_be_written_is_not_done) {
  Script run(Manner::freeze);
  run.running().after(hours(1));
  run.hear(events::WriteFailed{run.state.written});
  EXPECT_EQ(run.said, "say not_recorded, write runs_on");
  EXPECT_EQ(run.state.phase, Phase::running);
  EXPECT_EQ(run.after(seconds(59)).said, "");  // not at once again
  EXPECT_EQ(run.after(seconds(1)).said, "write pauses");
}

TEST(Controller, without_a_waker_it_is_not_frozen) {
  Script run(Manner::freeze);
  run.running().after(hours(1)).written();
  run.hear(events::ArmFailed{run.state.arms});
  EXPECT_EQ(run.said, "say not_guarded, write runs_on");
}

TEST(Controller, a_tree_that_cannot_be_frozen_whole_is_thawed) {
  Script run(Manner::freeze);
  run.running().after(hours(1)).written().armed().hear(events::FreezeFailed{});
  EXPECT_EQ(run.said, "thaw, say not_frozen, disarm, write runs_on");
}

TEST(Controller, a_dead_waker_is_replaced_or_the_job_thawed) {
  Script run(Manner::freeze);
  EXPECT_EQ(run.frozen().hear(events::WakerDied{true}).said, "arm");
  EXPECT_EQ(run.hear(events::ArmFailed{run.state.arms}).said,
            "say not_guarded, thaw, write resumes");
}

TEST(Controller, a_waker_that_dies_before_the_freeze_ends_it) {
  Script run(Manner::freeze);
  run.running().after(hours(1)).written().armed().hear(events::WakerDied{false});
  EXPECT_EQ(run.hear(events::Frozen{}).said, "thaw, write resumes");
}

TEST(Controller, a_waker_that_woke_the_job_is_believed) {
  Script run(Manner::freeze);
  EXPECT_EQ(run.frozen().hear(events::WakerDied{false}).said, "say woken, write resumed");
  EXPECT_EQ(run.state.phase, Phase::running);
}

TEST(Controller, waking_does_not_wait_for_a_full_disk) {
  Script run(Manner::freeze);
  run.frozen().after(hours(2));
  EXPECT_EQ(run.hear(events::WriteFailed{run.state.written}).said, "say not_recorded, thaw");
}

TEST(Controller, a_plan_that_changes_while_frozen_moves_the_waker) {
  Script run(Manner::freeze);
  run.frozen().after(minutes(30));
  run.plan({{Utc(hours(5)), Utc(hours(9))}});
  EXPECT_EQ(run.said, "arm, write planned");
  EXPECT_EQ(run.armed_at, BootTime(hours(5) + minutes(10)));
  // It dies before it has heard of the new time: the new one is on its way.
  EXPECT_EQ(run.hear(events::WakerDied{true}).said, "");
  EXPECT_EQ(run.armed().state.waker, Waker::armed);
}

TEST(Controller, the_deadline_ends_a_pause_whatever_the_plan_says) {
  Script run(Manner::freeze);
  run.running();
  for (int hour = 1; hour < 21; ++hour) {
    run.now = {run.now.utc + hours(1), run.now.boot + hours(1), run.now.awake + hours(1)};
    run.plan({{Utc(hours(30)), Utc(hours(40))}});
    if (hour == 1) run.written().armed().hear(events::Frozen{});
  }
  EXPECT_EQ(run.state.phase, Phase::paused);
  EXPECT_EQ(run.after(minutes(59)).state.phase, Phase::paused);
  EXPECT_EQ(run.after(minutes(1)).state.phase, Phase::resuming);  // 3 h are left
  run.written().hear(events::Thawed{});
  EXPECT_EQ(run.state.runs_on, RunsOn::no_slack);
  run.plan({{Utc(hours(30)), Utc(hours(40))}});
  EXPECT_EQ(run.state.phase, Phase::running);  // not paused again
}

TEST(Controller, a_slow_start_is_not_taken_for_a_long_job) {
  Script run(Manner::freeze);
  run.running().after(minutes(10)).hear(events::Progress{0.004});  // by which it would take 41 h
  EXPECT_EQ(run.state.length, hours(4));
  EXPECT_EQ(run.state.runs_on, RunsOn::no);
  run.after(minutes(20)).hear(events::Progress{0.1});
  EXPECT_EQ(run.state.length, hours(5));
  EXPECT_EQ(run.after(minutes(30)).state.phase, Phase::pausing);
}

TEST(Controller, a_pause_that_is_hardly_longer_than_saving_takes_is_not_begun) {
  for (const int longer : {0, 1}) {
    Script run(Manner::checkpoint);
    run.state.terms.grace = minutes(20);
    run.plan({{Utc(hours(0)), Utc(hours(1))}, {Utc(minutes(84 + longer)), Utc(hours(9))}});
    run.written().hear(events::Started{}).after(hours(1));
    EXPECT_EQ(run.state.phase, longer == 0 ? Phase::running : Phase::pausing);
  }
}

TEST(Controller, a_clock_that_is_stepped_forward_wakes_in_time) {
  Script run(Manner::freeze);
  run.frozen();
  run.now.utc += hours(2);
  EXPECT_EQ(run.hear(events::Tick{}).said, "write resumes");
}

TEST(Controller, a_laptop_that_sleeps_through_its_pause_goes_on_when_it_wakes) {
  Script run(Manner::freeze);
  run.frozen();
  run.now = {run.now.utc + hours(5), run.now.boot + hours(5), run.now.awake};
  EXPECT_EQ(run.hear(events::Tick{}).said, "write resumes");
  EXPECT_EQ(run.state.worked, hours(1));
}

TEST(Controller, a_job_that_runs_twice_as_long_is_not_paused_any_more) {
  Script run(Manner::freeze, hours(1));
  run.plan({{Utc(hours(0)), Utc(hours(1))}, {Utc(hours(3)), Utc(hours(4))}});
  run.written().hear(events::Started{}).after(hours(1));
  EXPECT_EQ(run.state.phase, Phase::running);
  run.hear(events::Progress{0.5});  // now its length is known
  EXPECT_EQ(run.state.length, hours(2));
  EXPECT_EQ(run.state.phase, Phase::pausing);
}

TEST(Controller, a_checkpoint_is_a_signal_an_exit_and_another_life) {
  Script run(Manner::checkpoint, hours(4), minutes(5));
  run.running().after(hours(1));
  EXPECT_EQ(run.written().said, "signal");
  EXPECT_EQ(run.hear(events::Signalled{}).said, "");
  EXPECT_EQ(run.after(seconds(20)).said, "");
  EXPECT_EQ(run.hear(events::JobEnded{0, false}).said, "write paused");
  run.after(hours(2) - seconds(20));
  EXPECT_EQ(run.said, "write resumes");
  EXPECT_EQ(run.written().said, "start");
  EXPECT_EQ(run.hear(events::Started{}).said, "write started");
  EXPECT_EQ(run.state.lives, 2);
  EXPECT_EQ(left_of(run.state), hours(3) + minutes(5));
  run.after(minutes(10));
  EXPECT_EQ(left_of(run.state), hours(3) - minutes(5));  // the first 5 min read the state back
  run.hear(events::JobEnded{3, false});
  EXPECT_EQ(run.state.phase, Phase::done);
  EXPECT_EQ(run.state.status, 3);  // of the last life
}

TEST(Controller, what_nobody_catches_is_not_sent_and_said_once) {
  Script run(Manner::checkpoint);
  run.running().after(hours(1)).written();
  EXPECT_EQ(run.hear(events::NotCaught{}).said, "say not_caught, write runs_on");
  EXPECT_EQ(run.state.runs_on, RunsOn::not_caught);
  EXPECT_EQ(run.after(minutes(30)).said, "");
}

TEST(Controller, a_job_that_saves_and_goes_on_has_not_paused) {
  Script run(Manner::checkpoint);
  run.signalled();
  EXPECT_EQ(next_in(run.state, run.now), seconds(30));
  EXPECT_EQ(run.after(seconds(30)).said, "say did_not_pause, write runs_on");
  EXPECT_EQ(run.state.phase, Phase::running);
  run.hear(events::JobEnded{0, false});  // long after the grace: that was its end
  EXPECT_EQ(run.state.phase, Phase::done);
}

struct Exit {
  std::optional<int> paused_status;
  int status;
  bool finished;
  Phase then;
};
TEST(Controller, which_exit_inside_the_grace_is_a_pause) {
  for (const Exit& exit : {Exit{{}, 0, false, Phase::paused}, Exit{{}, 1, false, Phase::paused},
                           Exit{{}, 0, true, Phase::done}, Exit{75, 75, false, Phase::paused},
                           Exit{75, 0, false, Phase::done}, Exit{75, 75, true, Phase::done}}) {
    Script run(Manner::checkpoint);
    run.state.terms.paused_status = exit.paused_status;
    run.signalled().hear(events::JobEnded{exit.status, exit.finished});
    EXPECT_EQ(run.state.phase, exit.then) << exit.status << exit.finished;
    EXPECT_EQ(run.state.status, exit.status);
  }
}

TEST(Controller, one_that_ends_in_the_moment_of_the_signal_has_paused_or_is_done) {
  // Its end is heard before the answer to the signal.
  Script run(Manner::checkpoint);
  run.running().after(hours(1)).written().hear(events::JobEnded{0, false});
  EXPECT_EQ(run.state.phase, Phase::paused);
  Script done(Manner::checkpoint);
  done.running().after(hours(1)).written().hear(events::JobEnded{0, true});
  EXPECT_EQ(done.state.phase, Phase::done);
  EXPECT_EQ(done.hear(events::Signalled{}).said, "");
}

TEST(Controller, a_resume_that_fails_is_tried_again_and_again_later_with_a_limit) {
  Script run(Manner::checkpoint);
  run.saved().after(hours(2));
  int tries = 0;
  for (Duration wait = minutes(1); run.state.phase == Phase::resuming; wait *= 2) {
    run.written().hear(events::Started{}).after(seconds(10));
    run.hear(events::JobEnded{9, false});
    ++tries;
    if (run.state.phase == Phase::done) break;
    run.after(wait - seconds(1));
    EXPECT_EQ(run.state.phase, Phase::paused) << tries;
    run.after(seconds(1));
  }
  EXPECT_EQ(tries, 6);
  EXPECT_EQ(run.state.phase, Phase::done);
  EXPECT_EQ(run.state.status, 9);
}

TEST(Controller, a_user_who_says_now_does_not_wait_for_the_next_try) {
  Script run(Manner::checkpoint);
  run.saved().after(hours(2)).written().hear(events::Started{}).hear(events::JobEnded{9, false});
  EXPECT_EQ(run.state.phase, Phase::paused);
  EXPECT_EQ(run.hear(events::RunNow{}).said, "write resumes");
}

TEST(Controller, an_early_end_is_the_end) {
  Script run(Manner::freeze);
  EXPECT_EQ(run.frozen().hear(events::JobEnded{137, false}).said, "disarm, write ended");
  EXPECT_EQ(run.state.phase, Phase::done);
  EXPECT_EQ(run.hear(events::Tick{}).said, "");
}

TEST(Controller, the_user_may_start_go_on_and_cancel) {
  Script waiting(Manner::none);
  EXPECT_EQ(waiting.hear(events::RunNow{}).said, "write starts");
  Script cancelled(Manner::none);
  EXPECT_EQ(cancelled.hear(events::Cancel{}).said, "write ended");
  EXPECT_EQ(cancelled.state.phase, Phase::cancelled);
  Script frozen(Manner::freeze);
  EXPECT_EQ(frozen.frozen().hear(events::RunNow{}).said, "write resumes");
  Script ended(Manner::freeze);
  EXPECT_EQ(ended.frozen().hear(events::Cancel{}).said, "write ends");
  EXPECT_EQ(ended.written().said, "thaw, end, disarm");
  EXPECT_EQ(ended.hear(events::JobEnded{143, false}).state.phase, Phase::cancelled);
}

TEST(Controller, a_job_that_is_saving_is_cancelled_at_once) {
  Script run(Manner::checkpoint);
  run.signalled();
  EXPECT_EQ(run.hear(events::Cancel{}).said, "write runs_on ends");
  EXPECT_EQ(run.written().said, "end");
  EXPECT_EQ(run.hear(events::JobEnded{75, false}).state.phase, Phase::cancelled);
}

TEST(Controller, what_it_is_to_have_to_itself_is_waited_for_until_its_latest_start) {
  Script run(Manner::none);
  run.plan({{Utc(hours(2)), Utc(hours(6))}}).written();
  run.hear(events::Place{true});
  EXPECT_EQ(run.after(hours(3)).said.find("starts"), std::string::npos);
  Script freed = run;
  EXPECT_NE(freed.hear(events::Place{false}).said.find("write starts"), std::string::npos);
  for (int hour = 4; hour < 20; ++hour) {
    EXPECT_EQ(run.after(hours(1)).said.find("starts"), std::string::npos) << hour;
  }
  EXPECT_NE(run.after(hours(1)).said.find("starts"), std::string::npos);  // then it shares
}

TEST(Controller, another_that_is_faster_in_the_moment_of_the_start_is_waited_for) {
  Script run(Manner::none);
  run.plan({{Utc(hours(2)), Utc(hours(6))}}).written();
  EXPECT_NE(run.after(hours(2)).said.find("write starts"), std::string::npos);
  EXPECT_EQ(run.written().said, "start");
  EXPECT_EQ(run.hear(events::Place{true}).said, "plan, write waits");
  EXPECT_EQ(run.state.phase, Phase::waiting);
  run.hear(events::Place{false});
  EXPECT_NE(run.after(minutes(1)).said.find("write starts"), std::string::npos);
}

TEST(Controller, a_life_that_has_just_begun_is_not_asked_to_save) {
  Script run(Manner::checkpoint);
  run.plan({{Utc(hours(0)), Utc(seconds(20))}, {Utc(hours(3)), Utc(hours(7))}});
  run.written().hear(events::Started{});
  EXPECT_EQ(run.after(seconds(20)).state.phase, Phase::running) << "its handler may not be set yet";
  EXPECT_EQ(next_in(run.state, run.now), seconds(40));
  EXPECT_EQ(run.after(seconds(40)).state.phase, Phase::pausing);
}

TEST(Controller, a_disk_that_is_full_keeps_no_job_from_its_latest_start) {
  Script run(Manner::none);
  run.plan({{Utc(hours(2)), Utc(hours(6))}}).written();
  run.after(hours(2)).hear(events::WriteFailed{run.state.written});
  EXPECT_EQ(run.state.phase, Phase::waiting) << "tried again";
  run.after(hours(18));  // 4 h before the deadline
  EXPECT_EQ(run.hear(events::WriteFailed{run.state.written}).said, "start");
  Script asked(Manner::none);
  asked.plan({{Utc(hours(2)), Utc(hours(6))}}).written().hear(events::RunNow{});
  EXPECT_NE(asked.hear(events::WriteFailed{asked.state.written}).said.find("start"),
            std::string::npos);
}

TEST(Controller, a_job_that_runs_is_not_stopped_for_another_on_its_gpu) {
  Script run(Manner::freeze);
  run.running().hear(events::Place{true});
  EXPECT_EQ(run.state.phase, Phase::running);
  EXPECT_EQ(run.after(minutes(5)).said, "");
}

}  // namespace
}  // namespace lowtide::act
