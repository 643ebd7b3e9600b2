// What a watch is of: a whole machine, a process tree or a cgroup that already runs.
//
// CPU times are since boot or since the process or group began; only their growth is charged. A
// tree's time counts what its processes have reaped; what ended unreaped by one of them is lost. A
// cgroup is of version 2 (cpu.stat) or of version 1's cpuacct (cpuacct.usage). No threads; reads
// /proc and the cgroup's own files.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "host/files.h"
#include "record/job_use.h"

namespace lowtide::record {

struct Subject {
  enum class Kind { machine, tree, cgroup };
  Kind kind = Kind::machine;
  pid_t pid = 0;               // tree: its root
  std::int64_t pid_start = 0;  // with which the pid names one process
  std::string cgroup;          // its folder
  std::string cgroup_path;     // below the mount, as /proc/PID/cgroup has it

  // Errors: absent (no such process; no such cgroup), usage.
  [[nodiscard]] static Result<Subject> of_pid(const std::string& text);
  // A folder (/sys/fs/cgroup/..), or the path below the mount of version 2 or of cpuacct.
  [[nodiscard]] static Result<Subject> of_cgroup(const std::string& path);

  // As it is kept with a run, and known again by: "machine", "pid:77:123456", "cgroup:/sys/..".
  [[nodiscard]] std::string word() const;
  // As a user calls it: "machine", "pid 77 (python3)", the group's last name.
  [[nodiscard]] std::string name() const;
  // The process has ended, or the group is gone.
  [[nodiscard]] bool over() const;
  // Is this process one of it?
  [[nodiscard]] bool holds(pid_t pid) const;
  // `job` is the subject's own, `machine` that of all.
  [[nodiscard]] CpuTimes cpu(const host::MachineFiles& files) const;
};

}  // namespace lowtide::record
