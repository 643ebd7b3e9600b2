#include "record/job_use.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "host/cgroup.h"
#include "host/proc.h"
#include "sense/machine.h"

namespace lowtide::record {
namespace {

// Of a core, that walks through /proc may take.
constexpr int kWalkShare = 200;
// Where the kernel keeps no lists of children, all of /proc is read.
constexpr Duration kScanEvery = std::chrono::seconds(5);

Duration monotonic() { return std::chrono::steady_clock::now().time_since_epoch(); }

}  // namespace

JobUse::JobUse(const host::Board& board, host::MachineFiles files)
    : board_(board), files_(std::move(files)) {}

std::vector<pid_t> JobUse::roots() const {
  const pid_t supervisor = board_.supervisor_pid;
  if (supervisor > 0 && kill(supervisor, 0) == 0) return {supervisor};
  return {getpid(), board_.job_pid};
}

void JobUse::remove_cgroup() const {
  if (!cgroup_.empty()) host::remove_job_cgroup(cgroup_);
}

Duration JobUse::walk() {
  const Duration began = monotonic();
  const std::array<pid_t, 2> ours{getpid(), board_.supervisor_pid};
  Duration job(board_.reaped_cpu_ns.load());
  for (const pid_t root : roots()) {
    // With the supervisor gone the job is below the meter, or alone: never counted twice.
    const bool below_other = root == board_.job_pid && host::descends_from(root, {ours.data(), 1});
    if (!below_other) job += host::tree_cpu(root, ours);
  }
  const Duration ended = monotonic();
  const Duration rest = (ended - began) * kWalkShare;
  next_walk_ = ended + (host::lists_children() ? rest : std::max(rest, kScanEvery));
  return job;
}

std::optional<CpuTimes> JobUse::now(When when) {
  std::optional<Duration> job;
  if (!cgroup_.empty()) job = host::cgroup_cpu(cgroup_);
  if (!job) {
    const bool early = next_walk_ && monotonic() < *next_walk_;
    if (early && when == When::when_cheap) return std::nullopt;
    job = walk();
  }
  highest_ = std::max(highest_, *job);
  const auto busy = sense::read_busy_time(files_);
  return CpuTimes{highest_, busy ? std::optional(*busy) : std::nullopt};
}

}  // namespace lowtide::record
