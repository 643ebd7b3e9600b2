#include "record/job_use.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "host/proc.h"
#include "sense/machine.h"

namespace lowtide::record {
namespace {

std::optional<Duration> machine_cpu(const host::MachineFiles& files) {
  const auto busy = sense::read_busy_time(files);
  return busy ? std::optional(*busy) : std::nullopt;
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
