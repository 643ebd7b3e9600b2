// Processes as /proc tells of them. Always the real /proc, never the sysroot.
// CPU times have the resolution of the kernel's clock tick (10 ms). Thread safe: no state.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lowtide::host {

// Names a process for good: the start is in clock ticks since boot.
struct ProcessKey {
  pid_t pid = 0;
  std::int64_t start_ticks = 0;
  bool operator==(const ProcessKey&) const = default;
};

struct ProcessStat {
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  char state = '?';  // of its first thread
  std::int64_t threads = 0;
  std::int64_t start_ticks = 0;  // since boot: with the pid it names a process for good
  Duration cpu{};                // its own
  Duration reaped_cpu{};         // of the children that it has waited for

  // A zombie; a process whose first thread alone has ended lives.
  [[nodiscard]] bool has_ended() const { return (state == 'Z' || state == 'X') && threads <= 1; }
  // By a signal or a tracer.
  [[nodiscard]] bool is_stopped() const { return state == 'T' || state == 't'; }
};

// Absent when there is no such process. Async-signal-safe.
[[nodiscard]] std::optional<ProcessStat> process_stat(pid_t pid);

// Is its parent of its session and another group? Such members tie a group to the session: when the
// last tie of a stopped group goes, the kernel hangs up on it, not on one that never had any.
[[nodiscard]] bool ties_its_group(const ProcessStat& member);

// Are all threads of it stopped by a signal or a tracer? One that has ended counts as stopped.
[[nodiscard]] bool all_threads_stopped(pid_t pid);

// Sends a signal to this very process, never to a later one that got its pid. 0, or the errno:
// ESRCH when it is gone. Async-signal-safe.
[[nodiscard]] int signal_process(ProcessKey process, int signal);

// The same process still lives (a zombie does not).
[[nodiscard]] bool is_alive(pid_t pid, std::int64_t start_ticks);
[[nodiscard]] inline bool is_alive(ProcessKey process) {
  return is_alive(process.pid, process.start_ticks);
}

// Waits until it has ended, `at_most` at the longest; true: it still lives.
[[nodiscard]] bool wait_while_alive(pid_t pid, std::int64_t start_ticks, Duration at_most);

// Does the kernel keep lists of children (CONFIG_PROC_CHILDREN)? Where it does not, they are found
// by a look at every process there is.
[[nodiscard]] bool lists_children();

// Children of all threads of a process.
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);

// Whose child is whose, for a walk down a tree: as of now where the kernel keeps lists, else as of
// when this was made.
class Families {
 public:
  explicit Families(bool listed = lists_children());
  // `threads` of it: one has but one list.
  [[nodiscard]] std::vector<pid_t> children_of(pid_t pid, std::int64_t threads) const;

 private:
  std::optional<std::unordered_multimap<pid_t, pid_t>> scanned_;  // by parent
};

// CPU time of all that lives below `root`, with what each of them has reaped, without `excluded`
// themselves (the children of their first threads count).
[[nodiscard]] Duration tree_cpu(pid_t root, std::span<const pid_t> excluded);
// The same by one look at every process, whatever the kernel lists.
[[nodiscard]] Duration tree_cpu_by_scan(pid_t root, std::span<const pid_t> excluded);

// Does the line of parents of `pid` lead to one of `roots`?
[[nodiscard]] bool descends_from(pid_t pid, std::span<const pid_t> roots);

// Tells one boot of the machine from the next.
[[nodiscard]] std::string boot_id();
[[nodiscard]] std::string host_name();

}  // namespace lowtide::host
