// The driver: carries a run's plan out on real processes, as the controller commands
// (docs/adr/0020, 0021). It decides nothing: it makes events of what comes (the clock, the job, the
// seat, the user, the planner, the waker) and obeys commands, each answered before the next event.
//
// Runs in a process of its own, on one thread, until the run is over, or its seat is gone and no
// job is there. What it cannot do is said and recorded; the job goes on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "act/controller.h"
#include "act/life.h"
#include "act/planner.h"
#include "act/run_files.h"
#include "host/job_tree.h"
#include "record/acts.h"

namespace lowtide::act {

struct DriverSetup {
  RunFiles files;
  std::string ledger_path;
  record::Act act;            // run, host and about; the rest is filled
  std::optional<Step> first;  // of begin(), its record written; absent: goes on from the record
  std::optional<Plan> plan_made = {};  // with it: the answer to its first question
  std::unique_ptr<Life> life;
  int seat = -1;          // socket of act/seat; -1: there is none, no life can be started
  double time_scale = 1;  // of UTC against the boot clock (host/clock.h)

  Planner::Make plan;  // called in a child
  // How many processes were asked to save and end; 0: none catches the signal.
  std::function<Result<int>(const host::JobTree&)> ask_to_save;
  std::function<void(const ActState&)> want;        // tells the job what is wanted of it
  std::function<std::optional<double>()> progress;  // by the job's word, 0 .. 1
  // How long resuming took, once, when that has been seen; may be empty. While it is watched for,
  // progress is looked at more often.
  std::function<std::optional<Duration>()> measured;
  std::function<bool()> watches;
  // What, and why where that is known.
  std::function<void(const ActState&, Notice, const std::string&)> say;
  std::function<void(const ActState&, Utc)> show;  // at each change, and each minute; may be empty
  // Devices that the job is to have to itself; may be empty: it shares.
  std::function<bool()> place_taken;  // by another; looked at while no process of the job is there
  std::function<bool()> hold_place;   // false: not all of it could be had
  std::function<void()> leave_place;
  // What came of a transition, for who learns from pauses; may be empty.
  std::function<void(const ActState&, const record::Transition&)> noted;
};

// 0: over, or left on disk for a later command; else why it could not be kept (70, said).
[[nodiscard]] int drive(DriverSetup setup);

}  // namespace lowtide::act
