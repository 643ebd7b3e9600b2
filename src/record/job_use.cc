#include "record/job_use.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <utility>

#include "host/proc.h"

namespace lowtide::record {
namespace {

// user + nice + system + irq + softirq of the first line of /proc/stat: time in which somebody's
// work ran. Guest time is inside user already; idle, iowait and steal are not work of this machine.
std::optional<Duration> machine_cpu(const host::MachineFiles& files) {
  const auto text = files.read("/proc/stat");
  if (!text || text->compare(0, 4, "cpu ") != 0) return std::nullopt;
  std::array<std::int64_t, 7> fields{};
  const char* at = text->data() + 4;
  const char* const stop = text->data() + text->size();
  for (auto& field : fields) {
    while (at < stop && *at == ' ') ++at;
    const auto [next, code] = std::from_chars(at, stop, field);
    if (code != std::errc()) return std::nullopt;
    at = next;
  }
  const std::int64_t ticks = fields[0] + fields[1] + fields[2] + fields[5] + fields[6];
  static const std::int64_t per_second = sysconf(_SC_CLK_TCK);
  return Duration(ticks * (1'000'000'000 / per_second));
}

}  // namespace

JobUse::JobUse(const host::Board& board, host::MachineFiles files)
    : board_(board), files_(std::move(files)) {}

std::vector<pid_t> JobUse::roots() const {
  const pid_t supervisor = board_.supervisor_pid;
  if (supervisor > 0 && kill(supervisor, 0) == 0) return {supervisor};
  return {getpid(), board_.job_pid};
}

CpuTimes JobUse::now() {
  const std::array<pid_t, 2> ours{getpid(), board_.supervisor_pid};
  Duration job(board_.reaped_cpu_ns.load());
  for (const pid_t root : roots()) {
    // With the supervisor gone the job is below the meter, or alone: never counted twice.
    const bool below_other = root == board_.job_pid && host::descends_from(root, {ours.data(), 1});
    if (!below_other) job += host::tree_cpu(root, ours);
  }
  highest_ = std::max(highest_, job);
  return {highest_, machine_cpu(files_)};
}

}  // namespace lowtide::record
