// The signal that asks a job to save its state and to end (docs/adr/0020, docs/pausing.md).
//
// It goes only to a process that catches it: to any other it would mean death. What a process
// catches is read just before (SigCgt of /proc/PID/status), each time anew: a handler may be set
// late, and taken away. A signal that is awaited without a handler (sigwait, signalfd) does not
// count. Never sends KILL or STOP. Thread safe: no state.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "host/job_tree.h"

namespace lowtide::host {

// Whom to ask.
//   main      the job's first process
//   tree      each process of the job that catches the signal
//   pid_file  the one whose number the job has written into the file `path`
struct CheckpointTarget {
  enum class Kind { main, tree, pid_file };
  Kind kind = Kind::main;
  std::string path = {};
  bool operator==(const CheckpointTarget&) const = default;
};
// `main`, `tree`, or the path of a file. Error usage when it is empty.
[[nodiscard]] Result<CheckpointTarget> parse_checkpoint_target(std::string_view text);

// USR1, SIGUSR1 or 10, in any case; RTMIN+3. Error usage for what is none, and for those whose
// handler would say nothing of saving: KILL and STOP, which nobody can catch, those that the kernel
// sends by itself (CHLD, SEGV, ..), and those that the C library keeps for itself.
[[nodiscard]] Result<int> parse_signal(std::string_view text);
// "USR1", "RTMIN+3".
[[nodiscard]] std::string signal_name(int signal);

// Does this very process have a handler for it? Not when it has ended.
[[nodiscard]] bool catches(ProcessKey process, int signal);
// INT, TERM, QUIT, HUP, TSTP, USR1 or USR2 has been sent to it and is not delivered: it is frozen,
// or blocks it.
[[nodiscard]] bool has_signals_waiting(ProcessKey process);

// How many processes got it; 0: nobody asked for catches it, and nothing was sent. Errors: ended
// (the job), absent (no such pid file, or none of the job's processes in it), denied (another
// user's process).
[[nodiscard]] Result<int> signal_to_save(const JobTree& job, const CheckpointTarget& target,
                                         int signal);

}  // namespace lowtide::host
