#include "show/shift_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "show/live.h"
#include "show/review_text.h"
#include "show/sample_report.h"

namespace lowtide::show {
namespace {

using act::ActState;
using act::Manner;
using act::Phase;
using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr Utc kDay = Utc(hours(24) * 20'000);

// Of 4 h, due at 08:00, with a pause from 01:00 to 04:00.
ActState state_in(Phase phase) {
  use_zone("UTC0");
  ActState state;
  state.phase = phase;
  state.body = phase == Phase::running ? act::Body::runs : act::Body::none;
  state.terms.manner = Manner::checkpoint;
  state.terms.deadline = kDay + hours(8);
  state.length = hours(4);
  state.plan =
      act::Plan{kDay, {{kDay, kDay + hours(1)}, {kDay + hours(4), kDay + hours(7)}}, 0.66, {}};
  return state;
}

TEST(ShiftLine, a_deadline_that_is_past_is_said_until_the_run_is_over) {
  const ActState state = state_in(Phase::running);
  EXPECT_EQ(shift_line(state, kDay + hours(7)), "runs");
  EXPECT_EQ(shift_line(state, kDay + hours(8)), "runs, past its deadline (08:00)");
  ActState over = state_in(Phase::done);
  EXPECT_EQ(shift_line(over, kDay + hours(9)), "done");
}

TEST(ShiftLine, a_job_that_failed_to_go_on_is_not_paused_as_planned) {
  ActState state = state_in(Phase::paused);
  const Utc now = kDay + hours(4) + minutes(4);
  EXPECT_THAT(shift_line(state, now), StartsWith("paused (saved), goes on "));
  state.failed_resumes = 2;
  state.status = 9;
  EXPECT_EQ(shift_line(state, now, {now - minutes(1)}),
            "failed to go on (status 9, try 2 of 6), tries again at 04:05 (in 1 min 00 s)");
  EXPECT_THAT(shift_line(state, now, {now - minutes(5)}), HasSubstr("tries again now"));
  EXPECT_THAT(shift_line(state, now), HasSubstr("tries again soon"));
  EXPECT_THAT(change_line(state, "paused,planned", now), HasSubstr("tries again at 04:06"));
}

TEST(ShiftLine, a_job_that_says_that_all_is_done_is_not_said_to_pause) {
  ActState state = state_in(Phase::running);
  const Utc now = kDay + minutes(30);
  EXPECT_THAT(shift_line(state, now), StartsWith("runs, pauses at 01:00"));
  state.worked = *state.length;
  EXPECT_EQ(shift_line(state, now, {{}, true}), "runs; it says that all is done");
  EXPECT_EQ(shift_line(state, now), "runs longer than expected, is not paused");
  state.terms.manner = Manner::none;
  EXPECT_EQ(shift_line(state, now), "runs");
}

TEST(NoticeLine, names_the_deadline_that_has_passed) {
  const ActState state = state_in(Phase::running);
  EXPECT_EQ(notice_line(state, act::Notice::late, kDay + hours(8)),
            "its deadline of 08:00 has passed; it runs on");
  EXPECT_EQ(late_text(kDay + hours(11), state.terms.deadline),
            "ended at 11:00, its deadline was 08:00");
}

TEST(HistoryLine, is_in_peoples_words) {
  EXPECT_EQ(history_line("planned,starts", ""), "planned, starts");
  EXPECT_EQ(history_line("runs_on", "runs on: it did not pause"), "runs on: it did not pause");
  EXPECT_EQ(history_line("ended", "runs on: it did not pause"),
            "ended (runs on: it did not pause)");
}

TEST(LiveLine, what_comes_next_is_first_while_a_run_rests_and_unknown_figures_are_left_out) {
  const Next next{"waits, starts at 03:00 (in 2 h 24 min) for 89 % less", true};
  EXPECT_EQ(live_line({}, {false, 80}, next), next.text);
  account::Live live;
  live.elapsed = hours(1);
  live.energy = joules(3600);
  EXPECT_EQ(live_line(live, {false, 80}, next), next.text + " · 1:00:00 · 1.00 Wh");
  EXPECT_THAT(live_line(live, {false, 20}, next), StartsWith("waits, starts at"));
}

TEST(LiveLine, what_comes_next_stays_whole_while_it_runs) {
  const Next next{"runs, pauses at 14:05 (in 2 h 10 min)", false};
  EXPECT_EQ(live_line({}, {false, 80}, next),
            "0:00:00 · - W · - Wh · - g CO2e so far · " + next.text);
  EXPECT_EQ(live_line({}, {false, 60}, next), "0:00:00 · " + next.text);
  EXPECT_EQ(live_line({}, {false, 45}, next), next.text);
}

ReviewView reviewed(Utc end) {
  use_zone("UTC0");
  ReviewView view;
  view.submitted = kDay;
  view.deadline = kDay + hours(8);
  view.ran = {{kDay, end}};
  view.promise.emplace().saving = 0;
  view.decides.review.now.carbon = grams(1);
  view.decides.review.actual.carbon = grams(1);
  return view;
}

TEST(ReviewText, a_run_that_ended_after_its_deadline_kept_no_promise_of_time) {
  const std::string late = review_text(reviewed(kDay + hours(11)), {false, 200});
  EXPECT_THAT(late, HasSubstr("It ended 3 h 00 min after its deadline."));
  EXPECT_THAT(late, Not(HasSubstr("It kept its promise")));
  const std::string kept = review_text(reviewed(kDay + hours(8)), {false, 200});
  EXPECT_THAT(kept, Not(HasSubstr("after its deadline")));
  EXPECT_THAT(kept, HasSubstr("It kept its promise"));
}

}  // namespace
}  // namespace lowtide::show
