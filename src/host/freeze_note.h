// What is frozen, in a small file that outlives every process of ours: whoever is left thaws by it
// (docs/adr/0020).
//
// Written before it is done: a process is named here before it is stopped. Lines of words, each
// appended whole, so that controller, waker and a later command need no lock between them:
//   lowtide.frozen/1 BOOT-ID
//   cgroup FOLDER                the job's group, where it is frozen as a whole
//   controller PID START         the last one counts; START as in /proc/PID/stat
//   waker PID START              all that were armed
//   freezing BOOT-NS             from here on the job may be frozen
//   stopped PID START            by a signal of ours, parents before their children
//   thawing CAUSE BOOT-NS        before the first process is told to go on
//   thawed CAUSE BOOT-NS         and after the last
// A note of another boot says nothing: no process of it lives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "host/proc.h"
#include "host/unique_fd.h"

namespace lowtide::host {

enum class ThawCause {
  asked,             // by the controller
  failed,            // the freeze did not come to its end
  controller_ended,  // by the waker
  time_reached,      // by the waker
  found_frozen,      // by a later command: all had died
};
[[nodiscard]] std::string to_string(ThawCause cause);

enum class FreezeWay { cgroup, signals };

struct FreezeNote {
  struct Thawed {
    ThawCause cause = ThawCause::asked;
    BootTime at{};
  };

  struct Change {
    bool frozen = false;  // it began to be frozen; else to be thawed
    BootTime at{};
    ThawCause cause = ThawCause::asked;  // of a thaw
  };

  std::string cgroup;
  ProcessKey controller;
  std::vector<ProcessKey> wakers;
  std::optional<BootTime> since;    // frozen since then, at the earliest; empty: not frozen
  std::vector<ProcessKey> stopped;  // since then
  bool waker_thaws = false;         // the last waker has begun to thaw, or is done
  std::optional<Thawed> thawed;     // the last time
  std::vector<Change> changes;      // all that are noted, in their order

  [[nodiscard]] FreezeWay way() const {
    return cgroup.empty() ? FreezeWay::signals : FreezeWay::cgroup;
  }
  [[nodiscard]] bool may_be_frozen() const { return since.has_value(); }
};

// A new note in the place of an old one. Errors: of the file system.
[[nodiscard]] Result<void> begin_freeze_note(const std::string& path, const std::string& cgroup);
// Errors: absent (none, or one of another boot), malformed, those of a file.
[[nodiscard]] Result<FreezeNote> read_freeze_note(const std::string& path);
// Does the note say that this process stands still because the freezer stopped it? Then its stop is
// nobody's wish to have the terminal back. False without a note, or where its group was frozen.
[[nodiscard]] bool stopped_by_freezer(const std::string& path, pid_t pid);
// For reading and appending.
[[nodiscard]] Result<UniqueFd> open_freeze_note(const std::string& path);

// The rest is async-signal-safe. False: it could not be written.
bool note_controller(int note, ProcessKey controller);
bool note_waker(int note, ProcessKey waker);
bool note_freezing(int note);
bool note_stopped(int note, ProcessKey process);

// Thaws all that a note names, in the reverse order: children run before their parents look at
// them. How many processes were told to go on, or -1 where a group was thawed.
int thaw_noted(int note, ThawCause cause);

}  // namespace lowtide::host
