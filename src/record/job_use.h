// The CPU time of the job and of the machine, as it grows (docs/adr/0014).
//
// By the job's cgroup where it has one of its own: one file, exact, whatever its processes do. Else
// by its process tree, which is everything below lowtide's own two processes; CPU time of processes
// that lowtide reaped is on the Board, that of processes reaped by their parents is in those
// parents' /proc entries, so a short-lived process is counted whoever waited for it. A walk through
// a tree is not free: it takes at most 1/200 of a core. One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "host/files.h"
#include "host/job.h"

namespace lowtide::record {

struct CpuTimes {
  Duration job{};
  std::optional<Duration> machine;  // absent: no /proc/stat
};

class JobUse {
 public:
  JobUse(const host::Board& board, host::MachineFiles files);

  // Counts by this group from now on; empty: by the tree.
  void by_cgroup(std::string folder) { cgroup_ = std::move(folder); }
  // The group goes when nothing lives in it any longer.
  void remove_cgroup() const;

  enum class When { at_once, when_cheap };
  // Since the job began (job) and since boot (machine). Never goes back. Absent: a walk through
  // the tree is not due, which only `when_cheap` can be told.
  [[nodiscard]] std::optional<CpuTimes> now(When when = When::at_once);
  // After a restart: what an earlier meter had counted.
  void continue_from(Duration job) { highest_ = job; }
  // The roots of the job's tree: who has the job below it.
  [[nodiscard]] std::vector<pid_t> roots() const;

 private:
  [[nodiscard]] Duration walk();

  const host::Board& board_;
  host::MachineFiles files_;
  std::string cgroup_;
  Duration highest_{};
  std::optional<Duration> next_walk_;  // of the thread's monotonic clock
};

}  // namespace lowtide::record
