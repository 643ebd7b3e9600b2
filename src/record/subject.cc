#include "record/subject.h"

#include <sys/stat.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "host/cgroup.h"
#include "host/proc.h"
#include "sense/machine.h"

namespace lowtide::record {
Result<Subject> Subject::of_pid(const std::string& text) {
  Subject subject{Kind::tree, 0, 0, {}, {}};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), subject.pid);
  if (code != std::errc() || end != text.data() + text.size() || subject.pid <= 0) {
    return fail(ErrorKind::usage, "'" + text + "' is not the number of a process", "--pid",
                "write --pid 1234");
  }
  const auto stat = host::process_stat(subject.pid);
  if (!stat) {
    return fail(ErrorKind::absent, "there is no process " + text, "--pid",
                "`ps -e` lists those there are");
  }
  subject.pid_start = stat->start_ticks;
  return subject;
}

Result<Subject> Subject::of_cgroup(const std::string& path) {
  std::string wanted = path;
  while (wanted.size() > 1 && wanted.ends_with('/')) wanted.pop_back();
  for (const host::CgroupMount& mount : host::cgroup_mounts()) {
    const bool whole = host::is_below(wanted, mount.folder);
    const std::string below =
        whole ? wanted.substr(mount.folder.size()) : (wanted.starts_with('/') ? "" : "/") + wanted;
    if (host::cgroup_cpu(mount.folder + below)) {
      return Subject{Kind::cgroup, 0, 0, mount.folder + below, below};
    }
  }
  return fail(ErrorKind::absent, "is no cgroup with CPU times here", path,
              "`cat /proc/PID/cgroup` says the group of a process");
}

std::string Subject::word() const {
  switch (kind) {
    case Kind::machine:
      return "machine";
    case Kind::tree:
      return "pid:" + std::to_string(pid) + ":" + std::to_string(pid_start);
    case Kind::cgroup:
      return "cgroup:" + cgroup;
  }
  return {};
}

std::string Subject::name() const {
  if (kind == Kind::machine) return "machine";
  if (kind == Kind::cgroup) return std::filesystem::path(cgroup).filename();
  auto name = host::read_file("/proc/" + std::to_string(pid) + "/comm").value_or("");
  while (name.ends_with('\n')) name.pop_back();
  return "pid " + std::to_string(pid) + (name.empty() ? "" : " (" + name + ")");
}

bool Subject::over() const {
  if (kind == Kind::tree) return !host::is_alive(pid, pid_start);
  struct stat about{};
  return kind == Kind::cgroup && stat(cgroup.c_str(), &about) != 0;
}

bool Subject::holds(pid_t other) const {
  switch (kind) {
    case Kind::machine:
      return true;
    case Kind::tree: {
      const std::array<pid_t, 1> roots{pid};
      return host::descends_from(other, roots);
    }
    case Kind::cgroup:
      return host::in_cgroup(other, cgroup_path);
  }
  return false;
}

CpuTimes Subject::cpu(const host::MachineFiles& files) const {
  CpuTimes times;
  if (const auto busy = sense::read_busy_time(files)) times.machine = *busy;
  switch (kind) {
    case Kind::machine:
      times.job = times.machine.value_or(Duration::zero());
      break;
    case Kind::tree:
      times.job = host::tree_cpu(pid, {});
      break;
    case Kind::cgroup:
      times.job = host::cgroup_cpu(cgroup).value_or(Duration::zero());
      break;
  }
  return times;
}

}  // namespace lowtide::record
