// All that is known of a run that a plan moves: what is kept on disk before anything is done.
//
// A plain value: comparable, with a text form by fields (act/state_text.h). Instants of the plan
// and the deadline are of the wall clock; what must not move when that is stepped is of the boot
// clock and has no meaning after a reboot (act/recover.h sets it anew). Work is counted in awake
// time: a job does nothing while the machine sleeps.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "base/words.h"

namespace lowtide::act {

//   waiting   for its first start       starting  written, not yet begun
//   running                             pausing   from the wish on record until frozen or ended
//   paused    frozen or ended (Body)    resuming  from the wish on record until it runs again
//   ending    told to end               done      cancelled
enum class Phase { waiting, starting, running, pausing, paused, resuming, ending, done, cancelled };

// How a job may be paused.
enum class Manner { none, freeze, checkpoint };

// Of the job's processes, as far as is known.
//   none    never started, or a checkpoint ended them
enum class Body { none, runs, frozen };

// The answer without which the transition does not go on.
enum class Awaits { nothing, write, arm, freeze, thaw, signal, exit, start };

// The waker that stands beside a frozen job: none, asked for, there, there and asked to take
// another time.
enum class Waker { none, arming, armed, rearming };

// Why the job is started at once and never paused again.
//   asked          by the user
//   no_slack       a further pause would miss the deadline
//   not_caught     nobody catches the signal to checkpoint: it was not sent
//   did_not_pause  it caught the signal and did not end within the grace
//   not_sure       the gate: that shifting gains anything is not sure
//   unled          no controller lives long enough to carry the plan out (act/seat)
enum class RunsOn { no, asked, no_slack, not_caught, did_not_pause, not_sure, unled };

// Why a plan is as it is.
enum class PlanWhy { cheaper, no_gain, no_forecast };

struct Plan {
  Utc made{};
  std::vector<Interval> runs;  // rising; empty: run on. After the last the job runs on.
  double saving = 0;           // expected, of what running on would emit
  PlanWhy why = PlanWhy::cheaper;
  bool operator==(const Plan&) const = default;
};

// What holds for the whole run.
struct Terms {
  Utc deadline{};
  Manner manner = Manner::none;
  std::optional<int> paused_status;                // a checkpoint's exit status; absent: any
  Duration grace = std::chrono::seconds(30);       // checkpoint: from the signal to the exit
  Duration margin{};                               // kept free before the deadline
  Duration least_pause = std::chrono::minutes(5);  // a shorter one is not begun
  Duration replan_every = std::chrono::hours(1);
  Duration plan_lasts = std::chrono::hours(6);     // an older plan is none
  Duration waker_late = std::chrono::minutes(10);  // after the planned end of a pause
  // A further life that fails within `fails_early` has failed to resume: tried again after
  // `retry_after`, doubled each time, `retries` times.
  Duration fails_early = std::chrono::minutes(1);
  Duration retry_after = std::chrono::minutes(1);
  int retries = 5;
  bool operator==(const Terms&) const = default;
};

struct ActState {
  Terms terms;
  Phase phase = Phase::waiting;
  Awaits awaits = Awaits::nothing;
  Body body = Body::none;
  std::uint32_t written = 0;  // number of the last record that was asked for

  // Work, in awake time.
  std::optional<Duration> length;  // of the whole job, as well as is known
  Duration worked{};
  Duration saved{};  // of it, what the last checkpoint kept
  // A life was lost, and the job may have saved by itself: what it says next need not agree with
  // `worked`. Its first word then, and `worked` then: from there its pace is taken anew.
  bool adrift = false;
  std::optional<double> word_then;
  Duration worked_then{};
  Duration life{};          // awake time since the last start
  Duration restoring{};     // yet to be spent on reading the checkpoint back
  Duration resume_takes{};  // how long resuming keeps the job from its work
  Duration counted_to{};    // of the clock that sleeps with the machine

  std::optional<Plan> plan;  // absent: the first has not come
  bool planning = false;     // one was asked for
  RunsOn runs_on = RunsOn::no;
  bool cancel = false;
  bool place_taken = false;  // what it is to have to itself, a GPU, is in another's use

  int lives = 0;
  int pauses = 0;
  int failed_resumes = 0;     // since one that held
  std::optional<int> status;  // of the last life, as a shell says it
  bool lost = false;          // ended without lowtide seeing how
  std::uint32_t said = 0;     // bits of Notice: each is said once

  BootTime next_plan{};
  BootTime not_before{};  // after a failure: no further try until then
  BootTime grace_ends{};
  BootTime wakes_at{};  // the waker's time
  Waker waker = Waker::none;
  std::uint32_t arms = 0;  // number of the last that was asked for

  bool operator==(const ActState&) const = default;
};

[[nodiscard]] constexpr bool is_over(Phase phase) {
  return phase == Phase::done || phase == Phase::cancelled;
}

// Calls visit(name, field) for every field, in a fixed order: the one list of them.
template <typename State, typename Visit>
void each_field_of_terms(State& terms, Visit&& visit) {
  visit("deadline", terms.deadline);
  visit("manner", terms.manner);
  visit("paused_status", terms.paused_status);
  visit("grace", terms.grace);
  visit("margin", terms.margin);
  visit("least_pause", terms.least_pause);
  visit("replan_every", terms.replan_every);
  visit("plan_lasts", terms.plan_lasts);
  visit("waker_late", terms.waker_late);
  visit("fails_early", terms.fails_early);
  visit("retry_after", terms.retry_after);
  visit("retries", terms.retries);
}

// The same of what changes. Boot times are left out with `visit` of those who skip them.
template <typename State, typename Visit>
void each_field_of_run(State& state, Visit&& visit) {
  visit("phase", state.phase);
  visit("awaits", state.awaits);
  visit("body", state.body);
  visit("written", state.written);
  visit("length", state.length);
  visit("worked", state.worked);
  visit("saved", state.saved);
  visit("adrift", state.adrift);
  visit("word_then", state.word_then);
  visit("worked_then", state.worked_then);
  visit("life", state.life);
  visit("restoring", state.restoring);
  visit("resume_takes", state.resume_takes);
  visit("counted_to", state.counted_to);
  visit("plan", state.plan);
  visit("planning", state.planning);
  visit("runs_on", state.runs_on);
  visit("cancel", state.cancel);
  visit("place_taken", state.place_taken);
  visit("lives", state.lives);
  visit("pauses", state.pauses);
  visit("failed_resumes", state.failed_resumes);
  visit("status", state.status);
  visit("lost", state.lost);
  visit("said", state.said);
  visit("next_plan", state.next_plan);
  visit("not_before", state.not_before);
  visit("grace_ends", state.grace_ends);
  visit("wakes_at", state.wakes_at);
  visit("waker", state.waker);
  visit("arms", state.arms);
}

}  // namespace lowtide::act

#define LOWTIDE_SPELL_ACT(Enum, ...)                                          \
  template <>                                                                 \
  struct lowtide::Spelling<lowtide::act::Enum> {                              \
    using enum act::Enum;                                                     \
    static constexpr auto table =                                             \
        std::to_array<std::pair<act::Enum, std::string_view>>({__VA_ARGS__}); \
  }
LOWTIDE_SPELL_ACT(Phase, {waiting, "waiting"}, {starting, "starting"}, {running, "running"},
                  {pausing, "pausing"}, {paused, "paused"}, {resuming, "resuming"},
                  {ending, "ending"}, {done, "done"}, {cancelled, "cancelled"});
LOWTIDE_SPELL_ACT(Manner, {none, "none"}, {freeze, "freeze"}, {checkpoint, "checkpoint"});
LOWTIDE_SPELL_ACT(Body, {none, "none"}, {runs, "runs"}, {frozen, "frozen"});
LOWTIDE_SPELL_ACT(Awaits, {nothing, "nothing"}, {write, "write"}, {arm, "arm"}, {freeze, "freeze"},
                  {thaw, "thaw"}, {signal, "signal"}, {exit, "exit"}, {start, "start"});
LOWTIDE_SPELL_ACT(Waker, {none, "none"}, {arming, "arming"}, {armed, "armed"},
                  {rearming, "rearming"});
LOWTIDE_SPELL_ACT(RunsOn, {no, "no"}, {asked, "asked"}, {no_slack, "no_slack"},
                  {not_caught, "not_caught"}, {did_not_pause, "did_not_pause"},
                  {not_sure, "not_sure"}, {unled, "unled"});
LOWTIDE_SPELL_ACT(PlanWhy, {cheaper, "cheaper"}, {no_gain, "no_gain"},
                  {no_forecast, "no_forecast"});
#undef LOWTIDE_SPELL_ACT
