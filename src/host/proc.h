// Processes as /proc tells of them. Always the real /proc, never the sysroot.
// CPU times have the resolution of the kernel's clock tick (10 ms). Thread safe: no state.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lowtide::host {

struct ProcessStat {
  pid_t parent = 0;
  char state = '?';
  std::int64_t threads = 0;
  std::int64_t start_ticks = 0;  // since boot: with the pid it names a process for good
  Duration cpu{};                // its own
  Duration reaped_cpu{};         // of the children that it has waited for
};

// Absent when there is no such process.
[[nodiscard]] std::optional<ProcessStat> process_stat(pid_t pid);

// The same process still lives (a zombie does not).
[[nodiscard]] bool is_alive(pid_t pid, std::int64_t start_ticks);

// Waits until it has ended, `at_most` at the longest; true: it still lives.
[[nodiscard]] bool wait_while_alive(pid_t pid, std::int64_t start_ticks, Duration at_most);

// Does the kernel keep lists of children (CONFIG_PROC_CHILDREN)? Where it does not, they are found
// by a look at every process there is.
[[nodiscard]] bool lists_children();

// Children of all threads of a process.
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);

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
