// The job: a command that runs unchanged, below lowtide.
//
// lowtide is two processes (docs/adr/0007): the shell's child (the supervisor) and its child (the
// meter), which starts the job. They share a Board, so that what one knows survives its death: who
// the job is, when it began and ended, how it ended. The Board is written with single atomic
// stores; its times are nanoseconds of boot time, 0 for "not yet".
#pragma once

#include <sys/resource.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "host/inherited.h"

namespace lowtide::host {

struct Board {
  std::atomic<int> job_pid{0};
  std::atomic<int> supervisor_pid{0};
  std::atomic<int> exec_errno{0};
  std::atomic<bool> started{false};  // exec went through
  std::atomic<bool> ended{false};    // wait_status and end_boot_ns are valid
  std::atomic<int> wait_status{0};
  std::atomic<bool> status_unknown{false};  // ended, but nobody who lives was its parent
  std::atomic<std::int64_t> begin_boot_ns{0};
  std::atomic<std::int64_t> end_boot_ns{0};
  std::atomic<std::int64_t> reaped_cpu_ns{0};  // CPU time of the job's processes that we reaped
  std::atomic<std::int64_t> run_key{0};        // the run's row in the ledger; 0: not there
  std::atomic<int> meter_pid{0};
  std::atomic<int> life{0};  // which of the run's; set before it begins

  // Before a further life: as new, but for `life`.
  void begin_life(int number);
  // In memory that this process and its future children share. Never freed.
  [[nodiscard]] static Board& map();
  void note_end(int status, const rusage& use, BootTime at);
  void add_cpu(const rusage& use);
  [[nodiscard]] BootTime begin() const { return BootTime(Duration(begin_boot_ns.load())); }
  [[nodiscard]] BootTime end() const { return BootTime(Duration(end_boot_ns.load())); }
};

// The status that a shell would give: the exit status, or 128 + N for a signal.
[[nodiscard]] int shell_status(int wait_status);

struct JobSpec {
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::string cgroup = {};  // the folder of the group to begin in (host/cgroup.h); empty: ours
};

struct StartedJob {
  pid_t pid = 0;
  bool in_cgroup = false;  // it began in spec.cgroup
};

// Forks and executes in the process group of board.supervisor_pid, with what was inherited.
// Returns when exec has happened or failed. Errors: absent (no such command), denied (cannot be
// executed), temporary (no process could be had); board.exec_errno has the number.
[[nodiscard]] Result<StartedJob> start_job(const JobSpec& spec, const Inherited& inherited,
                                           Board& board);

}  // namespace lowtide::host
