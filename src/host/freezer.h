// Freezes a job and thaws it: its own cgroup of version 2 where it has one, else SIGSTOP to every
// process of its tree. Decides nothing (docs/adr/0020).
//
// Nothing is frozen without a waker: prepare(), arm() (host/waker.h), freeze(), thaw(), let_go().
// What is frozen stands in a note (host/freeze_note.h) before it is, so that a Freezer made by a
// later process, with the same job and note, takes it up. Processes that somebody else had stopped
// before are left as they are, by both. lowtide's own are never touched. One thread at a time.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "host/freeze_note.h"
#include "host/job_tree.h"
#include "host/waker.h"

namespace lowtide::host {

struct Frozen {
  FreezeWay way = FreezeWay::signals;
  int processes = 0;  // with those that were stopped before
  Duration took{};
};

class Freezer {
 public:
  Freezer(JobTree job, std::string note) : job_(std::move(job)), note_path_(std::move(note)) {}

  // Begins the note, or takes up one that tells of a frozen job; what the waker needs. Also for
  // another waker after one has died. Errors: ended (the job), those of the note.
  [[nodiscard]] Result<WakerSetup> prepare(BootTime latest);
  // All or nothing: what does not stop for 5 s (a whole tree: 20 s) is thawed again. Errors: ended
  // (the job, or the waker), denied (a process that may not be stopped: another user's), temporary.
  [[nodiscard]] Result<Frozen> freeze(const Waker& armed);
  // Thaws what the note names. Errors: those of the note.
  [[nodiscard]] Result<void> thaw();
  [[nodiscard]] FreezeState state() const;

 private:
  // The note as it is. It stays open, so that a job is thawed by it whatever becomes of its name.
  [[nodiscard]] Result<FreezeNote> open_note();
  [[nodiscard]] Result<FreezeNote> begin(const Waker& armed);

  JobTree job_;
  std::string note_path_;
  UniqueFd note_;
};

// Lets go on whatever the note names, where it says that something may be frozen: what is left of a
// job whose first process has ended. Of a note that is not there or cannot be read, nothing.
void thaw_the_rest(const std::string& note);

struct LeftFrozen {
  BootTime since{};
  FreezeWay way = FreezeWay::signals;
  bool ended = false;  // nothing that was stopped lives any more: there was nothing to thaw
};
// For a later command: thaws a job whose controller and waker have died both, and tells of it.
// Empty: nothing is frozen, or there is somebody to thaw it. Errors: of the note, but for none at
// all.
[[nodiscard]] Result<std::optional<LeftFrozen>> thaw_left_frozen(const std::string& note);

}  // namespace lowtide::host
