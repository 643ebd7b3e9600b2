#include "record/subject.h"

#include <sys/stat.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "host/proc.h"
#include "sense/machine.h"

namespace lowtide::record {
namespace {

constexpr const char* kCgroupMount = "/sys/fs/cgroup";

// "usage_usec N" of cpu.stat, in a group of version 2.
Result<Duration> cgroup_cpu(const std::string& folder) {
  const auto text = host::read_file(folder + "/cpu.stat");
  if (!text) return tl::unexpected(text.error());
  constexpr std::string_view kKey = "usage_usec ";
  const std::size_t at = text->find(kKey);
  std::int64_t microseconds = 0;
  if (at == std::string::npos ||
      std::from_chars(text->data() + at + kKey.size(), text->data() + text->size(), microseconds)
              .ec != std::errc()) {
    return fail(ErrorKind::malformed, "has no usage_usec", folder + "/cpu.stat");
  }
  return Duration(std::chrono::microseconds(microseconds));
}

// The group of a process, as version 2 says it: "0::/path".
std::string cgroup_of(pid_t pid) {
  const auto text = host::read_file("/proc/" + std::to_string(pid) + "/cgroup");
  const std::size_t at = text ? text->find("0::") : std::string::npos;
  if (at == std::string::npos) return {};
  return text->substr(at + 3, text->find('\n', at) - at - 3);
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/' || folder.ends_with('/'));
}

}  // namespace

Result<Subject> Subject::of_pid(const std::string& text) {
  Subject subject{Kind::tree, 0, 0, {}};
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
  Subject subject{Kind::cgroup, 0, 0, path};
  if (!path.starts_with(kCgroupMount) && !host::read_file(path + "/cgroup.procs")) {
    subject.cgroup = kCgroupMount + std::string(path.starts_with('/') ? "" : "/") + path;
  }
  while (subject.cgroup.size() > 1 && subject.cgroup.ends_with('/')) subject.cgroup.pop_back();
  if (const auto cpu = cgroup_cpu(subject.cgroup); !cpu) {
    return fail(cpu.error().kind, "is no cgroup of version 2 here", subject.cgroup,
                "`cat /proc/PID/cgroup` says the group of a process");
  }
  return subject;
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
      return is_below(kCgroupMount + cgroup_of(other), cgroup);
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
