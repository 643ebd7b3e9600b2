// The CPU time of the job's process tree and of the machine, as it grows.
//
// The tree is everything below lowtide's own two processes; CPU time of processes that lowtide
// reaped is on the Board, that of processes reaped by their parents is in those parents' /proc
// entries, so a short-lived process is counted whoever waited for it.
#pragma once

#include <optional>
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

  // Since the job began (job) and since boot (machine). Never goes back.
  [[nodiscard]] CpuTimes now();
  // After a restart: what an earlier meter had counted.
  void continue_from(Duration job) { highest_ = job; }
  // The roots of the job's tree: who has the job below it.
  [[nodiscard]] std::vector<pid_t> roots() const;

 private:
  const host::Board& board_;
  host::MachineFiles files_;
  Duration highest_{};
};

}  // namespace lowtide::record
