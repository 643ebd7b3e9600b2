#include "record/subject.h"

#include <sys/stat.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "host/proc.h"
#include "sense/machine.h"

namespace lowtide::record {
namespace {

struct Mount {
  std::string folder;
  bool version_2 = false;
};

// Where cgroups with CPU times are mounted: version 2, and cpuacct of version 1.
std::vector<Mount> cgroup_mounts() {
  std::vector<Mount> mounts;
  std::istringstream lines(host::read_file("/proc/self/mountinfo").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const bool version_2 = line.find(" - cgroup2 ") != std::string::npos;
    const bool accounts = line.find(" - cgroup ") != std::string::npos &&
                          line.find("cpuacct", line.find(" - ")) != std::string::npos;
    if (!version_2 && !accounts) continue;
    std::istringstream words(line);
    std::string word;
    for (int i = 0; i < 5; ++i) words >> word;  // the mount point is the fifth
    mounts.push_back({word, version_2});
  }
  return mounts;
}

std::optional<std::int64_t> number_after(const std::string& text, std::string_view key) {
  const std::size_t at = text.find(key);
  std::int64_t value = 0;
  if (at == std::string::npos) return std::nullopt;
  const char* const from = text.data() + at + key.size();
  if (std::from_chars(from, text.data() + text.size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  return value;
}

// "usage_usec N" of version 2, or the nanoseconds of version 1. Absent: not such a group.
std::optional<Duration> cgroup_cpu(const std::string& folder) {
  if (const auto text = host::read_file(folder + "/cpu.stat")) {
    if (const auto used = number_after(*text, "usage_usec ")) {
      return std::chrono::microseconds(*used);
    }
  }
  const auto text = host::read_file(folder + "/cpuacct.usage");
  const auto used = text ? number_after(*text, "") : std::nullopt;
  return used ? std::optional(Duration(*used)) : std::nullopt;
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/' || folder.ends_with('/'));
}

// Is a process in the group, or below it? Of version 2 "0::/path", of version 1
// "5:cpu,cpuacct:/path".
bool in_cgroup(pid_t pid, std::string_view path) {
  std::istringstream lines(
      host::read_file("/proc/" + std::to_string(pid) + "/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t second = line.find(':', line.find(':') + 1);
    if (second == std::string::npos) continue;
    const bool counts = line.starts_with("0::") || line.find("cpuacct") < second;
    if (counts && is_below(std::string_view(line).substr(second + 1), path)) return true;
  }
  return false;
}

}  // namespace

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
  for (const Mount& mount : cgroup_mounts()) {
    const bool whole = is_below(wanted, mount.folder);
    const std::string below =
        whole ? wanted.substr(mount.folder.size()) : (wanted.starts_with('/') ? "" : "/") + wanted;
    if (cgroup_cpu(mount.folder + below)) {
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
      return in_cgroup(other, cgroup_path);
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
      times.job = cgroup_cpu(cgroup).value_or(Duration::zero());
      break;
  }
  return times;
}

}  // namespace lowtide::record
