// May the job pause, must it run? What the plan, the deadline and the user's word make of a moment.
// Pure.
#pragma once

#include <optional>

#include "act/state.h"

namespace lowtide::act {

// One moment on three clocks.
struct Moment {
  Utc utc{};
  BootTime boot{};
  Duration awake{};  // of a clock that stands while the machine sleeps (CLOCK_MONOTONIC)
};

// A shorter pause is not begun: what saving may take is part of it.
[[nodiscard]] Duration least_pause(const Terms& terms);
// For the shell, of a run that is over. Of a job whose end nobody saw: 0 where its progress said
// that all was done, else 1.
[[nodiscard]] int final_status(const ActState& state);
// Work that is left, what restoring will take included; absent when it is not known (no estimate,
// or the job has outlived it).
[[nodiscard]] std::optional<Duration> left_of(const ActState& state);
// It has done the work that was expected of it, or says so, and is not over.
[[nodiscard]] bool outlived(const ActState& state);
// From a further life that failed to the next try.
[[nodiscard]] Duration retry_in(const ActState& state);
// The latest moment at which the job must go on to keep the deadline, from where it would be if it
// paused (waiting: its latest start).
[[nodiscard]] std::optional<Utc> latest_of(const ActState& state);

// Outside the runs and before the last of them, and not too old: does the plan say to wait?
[[nodiscard]] bool waits_at(const ActState& state, Utc now);
// The begin of the next pause of the plan, of a job that runs in it; absent: there is none.
[[nodiscard]] std::optional<Utc> planned_pause(const ActState& state, Utc now);
// Waiting or paused: does it go on now?
[[nodiscard]] bool should_run(const ActState& state, const Moment& now);
// Running: is it paused now?
[[nodiscard]] bool should_pause(const ActState& state, const Moment& now);
// When the job goes on by the plan, or for the deadline, should nothing change: what people are
// told.
[[nodiscard]] Utc goes_on_at(const ActState& state, Utc now);
// The same, but no later than the plan lasts: a newer one is to come by then.
[[nodiscard]] Utc pause_ends(const ActState& state, Utc now);
// How long from now nothing happens by itself; absent: for ever. A wall clock that is stepped makes
// it wrong: then, too, a Tick is due.
[[nodiscard]] std::optional<Duration> next_in(const ActState& state, const Moment& now);

}  // namespace lowtide::act
