// The controller: what a run that a plan moves does next. A value and a function, nothing else.
//
// step(state, event, now) gives the new state and the commands that follow from it. Whoever drives
// it (the program, simulated weeks, the exploration of src/act/explore_test.cc) obeys the commands
// in their order, answers each as its comment says, and calls step with a Tick when next_in()
// (act/judge.h) is over, after the machine slept and when the wall clock was stepped.
//
// Written before done: each transition is a Write, and what it leads to is commanded after its
// Written has come. What cannot be written is not done: the job runs on. Only what wakes a job does
// not wait for the disk. A frozen job has a waker, armed before the freeze and let go after the
// thaw; when it dies, another is armed or the job thawed before anything else.
#pragma once

#include <variant>
#include <vector>

#include "act/judge.h"
#include "act/state.h"
#include "base/result.h"

namespace lowtide::act {

// What a record says has happened or is about to.
enum class Change {
  waits,
  starts,
  started,
  pauses,
  paused,
  resumes,
  resumed,
  runs_on,
  ends,
  ended,
  planned,
  learnt,
  recovered
};

// What the user is told, each once a run.
//   woken     by the waker, or by hand: not by the controller
//   thawed    was found frozen with no lowtide left
//   lost      ended without lowtide seeing how, and cannot go on from a checkpoint
//   late      runs at its deadline
//   outlived  a planned pause is dropped: by its word or its length all its work is done
enum class Notice {
  not_caught,
  did_not_pause,
  no_slack,
  not_recorded,
  not_guarded,
  not_frozen,
  woken,
  thawed,
  resume_failed,
  gave_up,
  lost,
  no_plan,
  late,
  outlived,
  end_not_recorded  // said by the driver
};

namespace events {
struct Tick {};
struct Written {
  std::uint32_t number = 0;
};
struct WriteFailed {
  std::uint32_t number = 0;
};
struct Armed {
  std::uint32_t number = 0;
};
// The waker that was there before, if any, still is.
struct ArmFailed {
  std::uint32_t number = 0;
};
struct Frozen {};
struct FreezeFailed {};  // some of it may be frozen
struct Thawed {};
struct Signalled {};
struct NotCaught {};  // nothing was sent
struct Started {};
struct StartFailed {
  int status = 0;
};
// `finished`: its progress said that all is done.
struct JobEnded {
  int status = 0;
  bool finished = false;
};
struct WakerDied {
  bool still_frozen = false;
};
struct PlanCame {
  Plan plan;
};
struct NoPlan {};        // nothing to plan on
struct ForecastCame {};  // a newer one
// Of the whole, 0 .. 1, by the job's word.
struct Progress {
  double done = 0;
};
struct Measured {
  Duration resume_takes{};
};
// What the job is to have to itself is in another's use, or free. It waits for it until its latest
// start; then it shares. Also an answer to Start: another was faster, nothing was started.
struct Place {
  bool taken = false;
};
struct RunNow {};  // the user: start, or go on, and do not pause again
struct Cancel {};
}  // namespace events
using Event = std::variant<events::Tick, events::Written, events::WriteFailed, events::Armed,
                           events::ArmFailed, events::Frozen, events::FreezeFailed, events::Thawed,
                           events::Signalled, events::NotCaught, events::Started,
                           events::StartFailed, events::JobEnded, events::WakerDied,
                           events::PlanCame, events::NoPlan, events::ForecastCame, events::Progress,
                           events::Measured, events::Place, events::RunNow, events::Cancel>;

namespace commands {
// The state that came with it and what has changed, in one transaction; the last command of its
// step. -> Written or WriteFailed
struct Write {
  std::uint32_t number = 0;
  std::vector<Change> changes;
};
// A waker that thaws at `at` whatever else; one that is there takes the new time. -> Armed,
// ArmFailed
struct Arm {
  std::uint32_t number = 0;
  BootTime at{};
};
struct Disarm {};
struct Freeze {};    // -> Frozen or FreezeFailed
struct Thaw {};      // whatever of the job is frozen -> Thawed
struct Signal {};    // to save and end, if it is caught -> Signalled or NotCaught
struct Start {};     // the job's command, as a further life -> Started or StartFailed
struct End {};       // TERM to the job, once
struct MakePlan {};  // -> PlanCame or NoPlan, later
struct Say {
  Notice what = Notice::woken;
};
}  // namespace commands
using Command = std::variant<commands::Write, commands::Arm, commands::Disarm, commands::Freeze,
                             commands::Thaw, commands::Signal, commands::Start, commands::End,
                             commands::MakePlan, commands::Say>;

struct Step {
  ActState state;
  std::vector<Command> commands;
};

// A new run. Error no_plan when its work cannot be done by the deadline; says the earliest end.
[[nodiscard]] Result<Step> begin(const Terms& terms, std::optional<Duration> length,
                                 Duration resume_takes, const Moment& now);

[[nodiscard]] Step step(ActState state, const Event& event, const Moment& now);

// What a new controller finds of a run whose last one is gone.
struct Seen {
  Body job = Body::none;
  int lives = 0;              // that were started, by the record
  std::optional<int> status;  // of the last of them; absent: it runs, or nobody saw its end
  bool finished = false;      // its progress said that all is done
  bool waker = false;
  std::optional<double> progress;
  std::optional<Duration> unwatched;  // how long the job worked since the state was written
};
// Goes on from the state on disk, after a kill or a reboot. A job that is found frozen is thawed
// before anything else.
[[nodiscard]] Step recover(ActState on_disk, const Seen& seen, const Moment& now);

}  // namespace lowtide::act

template <>
struct lowtide::Spelling<lowtide::act::Change> {
  using enum act::Change;
  static constexpr auto table =
      std::to_array<std::pair<act::Change, std::string_view>>({{waits, "waits"},
                                                               {starts, "starts"},
                                                               {started, "started"},
                                                               {pauses, "pauses"},
                                                               {paused, "paused"},
                                                               {resumes, "resumes"},
                                                               {resumed, "resumed"},
                                                               {runs_on, "runs_on"},
                                                               {ends, "ends"},
                                                               {ended, "ended"},
                                                               {planned, "planned"},
                                                               {learnt, "learnt"},
                                                               {recovered, "recovered"}});
};

template <>
struct lowtide::Spelling<lowtide::act::Notice> {
  using enum act::Notice;
  static constexpr auto table = std::to_array<std::pair<act::Notice, std::string_view>>(
      {{not_caught, "not_caught"},
       {did_not_pause, "did_not_pause"},
       {no_slack, "no_slack"},
       {not_recorded, "not_recorded"},
       {not_guarded, "not_guarded"},
       {not_frozen, "not_frozen"},
       {woken, "woken"},
       {thawed, "thawed"},
       {resume_failed, "resume_failed"},
       {gave_up, "gave_up"},
       {lost, "lost"},
       {no_plan, "no_plan"},
       {late, "late"},
       {outlived, "outlived"},
       {end_not_recorded, "end_not_recorded"}});
};
