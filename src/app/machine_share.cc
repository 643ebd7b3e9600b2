#include "app/machine_share.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "app/paths.h"
#include "host/cgroup.h"
#include "host/files.h"
#include "sense/machine.h"

namespace lowtide::app {
namespace {

constexpr double kBytesPerGb = 1024.0 * 1024.0 * 1024.0;

std::optional<double> leading_number(const std::string& text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc()) return std::nullopt;  // "max"
  return value;
}

// cpu.max is "quota period" in microseconds, or "max period".
std::optional<double> cpu_quota(const std::string& group) {
  const auto text = host::read_file(group + "/cpu.max");
  if (!text) return std::nullopt;
  const auto quota = leading_number(*text);
  const std::size_t blank = text->find(' ');
  if (!quota || blank == std::string::npos) return std::nullopt;
  const auto period = leading_number(text->substr(blank + 1));
  if (!period || *period <= 0) return std::nullopt;
  return *quota / *period;
}

std::optional<double> memory_limit(const std::string& group) {
  const auto text = host::read_file(group + "/memory.max");
  if (!text) return std::nullopt;
  return leading_number(*text);
}

}  // namespace

MachineShare machine_share() {
  const host::MachineFiles files(environment("LOWTIDE_SYSROOT").value_or(""));
  const sense::MachineFacts facts = sense::read_machine(files);
  MachineShare share;
  share.cpu_model = facts.cpu_model;
  share.cpus = facts.logical_cpus.value_or(static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
  share.memory_gb = facts.memory_gb.value_or(0);
  share.cpus_reserved = share.cpus;
  share.memory_reserved_gb = share.memory_gb;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    const double real_cpus = static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
    const double mine = CPU_COUNT(&allowed);
    // Affinity is of the real machine: on a machine described by a sysroot it is scaled.
    if (real_cpus > 0) share.cpus_reserved = share.cpus * std::min(1.0, mine / real_cpus);
  }
  for (std::string group = host::cgroup_folder_of(getpid()); !group.empty();) {
    if (const auto quota = cpu_quota(group)) {
      share.cpus_reserved = std::min(share.cpus_reserved, *quota);
    }
    if (const auto bytes = memory_limit(group)) {
      share.memory_reserved_gb = std::min(share.memory_reserved_gb, *bytes / kBytesPerGb);
    }
    const std::size_t slash = group.rfind('/');
    if (slash == std::string::npos || slash == 0) break;
    group.resize(slash);
    if (!host::read_file(group + "/cgroup.controllers")) break;  // above the mount
  }
  return share;
}

}  // namespace lowtide::app
