// The processes of a job, and how they are stopped by signals where it has no cgroup
// (host/freezer).
//
// A tree: what descends from the first process, and the orphans that came to a process of ours.
// Never lowtide's own. Thread safe: no state.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "host/freeze_note.h"
#include "host/proc.h"
#include "host/waker.h"

namespace lowtide::host {

struct JobTree {
  ProcessKey root;                   // the job's first process
  std::string cgroup = {};           // its own group (host/cgroup.h); empty: it has none
  std::vector<pid_t> adopters = {};  // of ours, where its orphans come to: their children are its
  std::vector<pid_t> own = {};       // of ours, and all below them: never touched
};

// All that live of it now, parents before their children; those of its group too, which an orphan
// whose parents have all died is found by. `wakers` are ours (host/waker.h).
[[nodiscard]] std::vector<ProcessKey> processes_of(const JobTree& job,
                                                   const std::vector<ProcessKey>& wakers = {});

enum class FreezeState {
  thawed,
  partly,  // some of it runs: others were told to go on by somebody, or a group has not settled
  frozen,
  gone,  // the job has ended
};

// How long a process, or a group, is waited for.
inline constexpr Duration kStopWithin = std::chrono::seconds(5);

// Process groups of the job and of our session that a process of ours ties to it: as a parent, or
// as a member (host/waker.h).
[[nodiscard]] std::vector<pid_t> groups_tied_by_us(const JobTree& job,
                                                   const std::vector<ProcessKey>& wakers);
// SIGSTOP to each process, noted before; how many there are. Where it fails, some have stopped.
[[nodiscard]] Result<int> stop_tree(const JobTree& job, int note, const FreezeNote& told,
                                    const Waker& armed);
// What has become of those that the note names.
[[nodiscard]] FreezeState tree_state(const JobTree& job, const FreezeNote& note);

[[nodiscard]] tl::unexpected<Error> waker_has_ended(const std::string& where);
[[nodiscard]] tl::unexpected<Error> too_slow(const std::string& where);

}  // namespace lowtide::host
