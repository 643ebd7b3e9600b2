// Control groups as this process sees them: mounts, whose group, CPU time; and a group of its own
// for what is to be counted apart (docs/adr/0014).
//
// Version 2 is found wherever /proc/self/mountinfo says it is mounted, alone or beside version 1
// (hybrid); of version 1 only cpuacct is looked at, and only read. Always the real files, never the
// sysroot. CPU times are since the group was made. Thread safe: no state.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lowtide::host {

struct CgroupMount {
  std::string folder;
  std::string root;  // the group that is seen there; "/" but in some containers
  bool version_2 = false;
};

// The mounts that count CPU time: version 2, and cpuacct of version 1.
[[nodiscard]] std::vector<CgroupMount> cgroup_mounts();

// The version 2 group of a process as a path below the root of all: "/user.slice/.."; empty when it
// has none.
[[nodiscard]] std::string cgroup_of(pid_t pid);
// The same as a folder; empty when it cannot be seen from here.
[[nodiscard]] std::string cgroup_folder_of(pid_t pid);
// Is a process in the group `path` (version 2 or cpuacct), or below it?
[[nodiscard]] bool in_cgroup(pid_t pid, std::string_view path);
// "/a/b" is below "/a" and below "/a/b", and "/ab" is not below "/a".
[[nodiscard]] bool is_below(std::string_view path, std::string_view folder);

// From cpu.stat of version 2, or cpuacct.usage of version 1; absent: no such group.
[[nodiscard]] std::optional<Duration> cgroup_cpu(const std::string& folder);

// Processes in the group of version 2 and below it; none when there is no such group.
[[nodiscard]] std::vector<pid_t> cgroup_processes(const std::string& folder);

// Makes a group for the job of run `id` below the group that we are in; its folder. Errors: absent
// (no version 2 here), denied (who runs this may not, or somebody else manages these groups).
[[nodiscard]] Result<std::string> make_job_cgroup(const std::string& id);
// The job's group as made above, known by its name; empty when the job is in none.
[[nodiscard]] std::string find_job_cgroup(pid_t job, const std::string& id);
// Removes a job's group, and beside it those that lowtides left which are dead. One in which
// processes still live stays.
void remove_job_cgroup(const std::string& folder);

}  // namespace lowtide::host
