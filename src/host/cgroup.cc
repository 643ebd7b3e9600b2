#include "host/cgroup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "host/files.h"

namespace lowtide::host {
namespace {

constexpr std::string_view kPrefix = "lowtide-";

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

std::string groups_of(pid_t pid) {
  return read_file("/proc/" + std::to_string(pid) + "/cgroup").value_or("");
}

// Slurm signals a step by the processes that its own groups list, and would miss ours.
bool is_slurms(const std::string& group) {
  return group.find("slurm") != std::string::npos || getenv("SLURM_JOB_ID") != nullptr;  // NOLINT
}

// "lowtide-ID-PID": an empty group of a lowtide that lives is about to be filled.
bool maker_lives(const std::string& name) {
  const auto pid = number_after(name.substr(name.rfind('-')), "-");
  return pid && kill(static_cast<pid_t>(*pid), 0) == 0;
}

}  // namespace

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/' || folder.ends_with('/'));
}

std::vector<CgroupMount> cgroup_mounts() {
  std::vector<CgroupMount> mounts;
  std::istringstream lines(read_file("/proc/self/mountinfo").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const bool version_2 = line.find(" - cgroup2 ") != std::string::npos;
    const bool accounts = line.find(" - cgroup ") != std::string::npos &&
                          line.find("cpuacct", line.find(" - ")) != std::string::npos;
    if (!version_2 && !accounts) continue;
    CgroupMount mount{{}, {}, version_2};
    std::istringstream words(line);
    std::string skipped;
    words >> skipped >> skipped >> skipped >> mount.root >> mount.folder;  // proc(5)
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

std::string cgroup_of(pid_t pid) {
  const std::string groups = groups_of(pid);
  const std::size_t at = groups.starts_with("0::") ? 0 : groups.find("\n0::") + 1;
  if (at == 0 && !groups.starts_with("0::")) return {};
  return groups.substr(at + 3, groups.find('\n', at) - at - 3);
}

std::string cgroup_folder_of(pid_t pid) {
  const std::string group = cgroup_of(pid);
  if (group.empty()) return {};
  for (const CgroupMount& mount : cgroup_mounts()) {
    if (!mount.version_2) continue;
    // In a container the root may be shown as the group's own path, or not at all.
    const std::size_t hidden =
        mount.root == "/" || !is_below(group, mount.root) ? 0 : mount.root.size();
    std::string below = group.substr(hidden);
    if (below == "/") below.clear();
    return mount.folder + below;
  }
  return {};
}

bool in_cgroup(pid_t pid, std::string_view path) {
  std::istringstream lines(groups_of(pid));
  // Of version 2 "0::/path", of version 1 "5:cpu,cpuacct:/path".
  for (std::string line; std::getline(lines, line);) {
    const std::size_t second = line.find(':', line.find(':') + 1);
    if (second == std::string::npos) continue;
    const bool counts = line.starts_with("0::") || line.find("cpuacct") < second;
    if (counts && is_below(std::string_view(line).substr(second + 1), path)) return true;
  }
  return false;
}

std::optional<Duration> cgroup_cpu(const std::string& folder) {
  if (const auto text = read_file(folder + "/cpu.stat")) {
    if (const auto used = number_after(*text, "usage_usec ")) {
      return std::chrono::microseconds(*used);
    }
  }
  const auto text = read_file(folder + "/cpuacct.usage");
  const auto used = text ? number_after(*text, "") : std::nullopt;
  return used ? std::optional(Duration(*used)) : std::nullopt;
}

std::vector<pid_t> cgroup_processes(const std::string& folder) {
  std::vector<pid_t> pids;
  std::vector<std::string> open{folder};
  for (std::size_t at = 0; at < open.size() && !folder.empty(); ++at) {
    const std::string here = open[at];
    std::istringstream lines(read_file(here + "/cgroup.procs").value_or(""));
    for (pid_t pid = 0; lines >> pid;) pids.push_back(pid);
    std::error_code code;
    for (std::filesystem::directory_iterator entry(here, code), end; !code && entry != end;
         entry.increment(code)) {
      if (entry->is_directory(code)) open.push_back(entry->path().string());
    }
  }
  return pids;
}

Result<std::string> make_job_cgroup(const std::string& id) {
  const std::string ours = cgroup_folder_of(getpid());
  if (ours.empty()) return fail(ErrorKind::absent, "no cgroup of version 2 is mounted");
  if (is_slurms(ours)) {
    return fail(ErrorKind::denied, "Slurm manages the groups of this job", ours);
  }
  std::string folder = ours + "/" + std::string(kPrefix) + id + "-" + std::to_string(getpid());
  if (mkdir(folder.c_str(), 0755) != 0) {
    return fail(ErrorKind::denied, std::generic_category().message(errno), ours);
  }
  if (cgroup_cpu(folder)) return folder;
  rmdir(folder.c_str());
  return fail(ErrorKind::absent, "a cgroup here does not count CPU time", ours);
}

std::string find_job_cgroup(pid_t job, const std::string& id) {
  std::string folder = cgroup_folder_of(job);
  const std::size_t at = folder.find("/" + std::string(kPrefix) + id + "-");
  return at == std::string::npos ? std::string() : folder.substr(0, folder.find('/', at + 1));
}

void remove_job_cgroup(const std::string& folder) {
  std::error_code code;
  rmdir(folder.c_str());
  const std::filesystem::path beside = std::filesystem::path(folder).parent_path();
  for (std::filesystem::directory_iterator at(beside, code), end; !code && at != end;
       at.increment(code)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(kPrefix) && !maker_lives(name)) rmdir(at->path().c_str());
  }
}

}  // namespace lowtide::host
