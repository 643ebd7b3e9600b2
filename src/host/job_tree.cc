#include "host/job_tree.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <functional>
#include <optional>
#include <set>
#include <system_error>
#include <unordered_map>
#include <unordered_set>

#include "host/cgroup.h"
#include "host/clock.h"
#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

// For all of a tree, process after process.
constexpr Duration kStopTreeWithin = std::chrono::seconds(20);
// A process in the kernel (a disk, a child between vfork and exec) stops before it next does
// anything of its own; it is not waited for longer.
constexpr Duration kWaitForKernel = std::chrono::milliseconds(200);

BootTime boot_now() { return SystemClock().boot(); }

// The first thread may have ended, and may stop before the others do.
bool has_stopped(pid_t pid, const ProcessStat& stat) {
  const bool first = stat.is_stopped() || stat.state == 'Z';
  return first && (stat.threads > 1 ? all_threads_stopped(pid) : stat.state != 'Z');
}

using ByPid = std::unordered_map<pid_t, std::int64_t>;
ByPid by_pid(const std::vector<ProcessKey>& processes) {
  ByPid starts;
  for (const ProcessKey& process : processes) starts[process.pid] = process.start_ticks;
  return starts;
}

bool holds(const ByPid& starts, pid_t pid, const ProcessStat& stat) {
  const auto entry = starts.find(pid);
  return entry != starts.end() && entry->second == stat.start_ticks;
}

// Calls `see` once for each process of the job, parents before their children; it tells how many
// threads the process has, 0 where there is none any more, -1 to end the walk.
//
// Orphans are looked for last, and again until there are no more: a process whose parent ends
// during the walk, and is missed below it, is then below an adopter.
using See = std::function<std::int64_t(pid_t)>;
void walk(const JobTree& job, const std::vector<ProcessKey>& wakers, const See& see) {
  std::unordered_set<pid_t> seen(job.own.begin(), job.own.end());
  seen.insert(job.adopters.begin(), job.adopters.end());
  seen.insert(getpid());
  for (const ProcessKey& waker : wakers) {
    if (is_alive(waker)) seen.insert(waker.pid);
  }
  const Families families;
  std::vector<pid_t> open;
  const auto add = [&](const std::vector<pid_t>& pids) {
    for (const pid_t pid : pids) {
      if (seen.insert(pid).second) open.push_back(pid);
    }
  };
  add({job.root.pid});
  std::size_t at = 0;
  do {
    for (; at < open.size(); ++at) {
      const std::int64_t threads = see(open[at]);
      if (threads < 0) return;
      if (threads > 0) add(families.children_of(open[at], threads));
    }
    for (const pid_t adopter : job.adopters) add(families.children_of(adopter, 0));
  } while (at < open.size());
}

// The same with what /proc tells of each.
using SeeStat = std::function<void(pid_t, const ProcessStat&)>;
void walk_stats(const JobTree& job, const std::vector<ProcessKey>& wakers, const SeeStat& see) {
  walk(job, wakers, [&](pid_t pid) {
    const auto stat = process_stat(pid);
    if (stat) see(pid, *stat);
    return stat ? stat->threads : 0;
  });
}

}  // namespace

std::vector<ProcessKey> processes_of(const JobTree& job, const std::vector<ProcessKey>& wakers) {
  std::vector<ProcessKey> living;
  std::unordered_set<pid_t> seen(job.own.begin(), job.own.end());
  seen.insert(job.adopters.begin(), job.adopters.end());
  for (const ProcessKey& waker : wakers) seen.insert(waker.pid);
  const auto add = [&](pid_t pid, const ProcessStat& stat) {
    if (seen.insert(pid).second && !stat.has_ended()) living.push_back({pid, stat.start_ticks});
  };
  walk(job, wakers, [&](pid_t pid) -> std::int64_t {
    const auto stat = process_stat(pid);
    // The first process may have ended, and its pid be another's by now.
    if (!stat || (pid == job.root.pid && stat->start_ticks != job.root.start_ticks)) return 0;
    add(pid, *stat);
    return stat->threads;
  });
  for (const pid_t pid : cgroup_processes(job.cgroup)) {
    if (const auto stat = process_stat(pid)) add(pid, *stat);
  }
  return living;
}

std::vector<pid_t> groups_tied_by_us(const JobTree& job, const std::vector<ProcessKey>& wakers) {
  std::unordered_set<pid_t> members;
  std::unordered_set<pid_t> from_outside;  // groups of members whose parent is not of the job
  std::set<pid_t> tied;
  const auto look = [&](const ProcessStat& stat) {
    if (stat.session == getsid(0) && ties_its_group(stat)) tied.insert(stat.group);
  };
  walk_stats(job, wakers, [&](pid_t pid, const ProcessStat& stat) {
    members.insert(pid);
    if (members.contains(stat.parent)) return;
    from_outside.insert(stat.group);
    look(stat);
  });
  std::vector<pid_t> own = job.own;
  own.push_back(getpid());
  for (const pid_t pid : own) {
    if (const auto stat = process_stat(pid)) look(*stat);
  }
  std::erase_if(tied, [&](pid_t group) { return !from_outside.contains(group); });
  return {tied.begin(), tied.end()};
}

namespace {

// Stops the tree by signals, pass after pass until one finds nothing that runs.
class TreeStop {
 public:
  // `told` has those that were stopped by us before.
  TreeStop(const JobTree& job, int note, const FreezeNote& told, const Waker& armed)
      : job_(job),
        note_(note),
        wakers_(told.wakers),
        armed_(armed),
        stopped_(by_pid(told.stopped)) {}

  Result<int> run() {
    do {
      found_ = 0;
      count_ = 0;
      walk(job_, wakers_, [this](pid_t pid) { return meet(pid); });
      settle([](ProcessKey) { return true; });
      if (refused_) return tl::unexpected(*refused_);
    } while (found_ > 0);
    return count_;
  }

 private:
  std::int64_t meet(pid_t pid) {
    if (boot_now() > end_) refused_ = too_slow(root()).value();
    if (refused_) return -1;
    // Opened before it is looked at: a later process with this pid is never signalled.
    const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    const auto stat = process_stat(pid);
    if (!stat) return 0;
    if (!stat->has_ended()) judge(process, pid, *stat);
    return stat->threads;
  }

  void judge(const UniqueFd& process, pid_t pid, const ProcessStat& stat) {
    ++count_;
    const bool ours = holds(stopped_, pid, stat);
    if (has_stopped(pid, stat) || (ours && rests(stat))) return;
    // A parent that runs could see its child stop.
    settle([&](ProcessKey other) { return other.pid == stat.parent; });
    if (!refused_) stop(process, {pid, stat.start_ticks}, ours);
  }

  // Was stopped in an earlier pass and is still on its way out of the kernel.
  static bool rests(const ProcessStat& stat) { return stat.state == 'D'; }

  void stop(const UniqueFd& process, ProcessKey key, bool noted) {
    if (!noted && !note_stopped(note_, key)) {
      refused_ = Error{ErrorKind::temporary, "cannot note what is frozen", {}, "nothing is frozen"};
      return;
    }
    ++found_;
    stopped_[key.pid] = key.start_ticks;
    if (syscall(SYS_pidfd_send_signal, process.get(), SIGSTOP, nullptr, 0) == 0) {
      moving_.push_back(key);
    } else if (errno == EPERM) {
      refused_ =
          Error{ErrorKind::denied, std::generic_category().message(EPERM),
                "process " + std::to_string(key.pid), "another user's process is not frozen"};
    }  // else it has ended
  }

  // Waits until those that were told to stop have. On a busy machine each must get its turn first.
  template <typename Wanted>
  void settle(Wanted wanted) {
    const BootTime since = boot_now();
    while (!refused_ && std::any_of(moving_.begin(), moving_.end(), wanted)) {
      const Duration waited = boot_now() - since;
      const auto is_done = [&](ProcessKey process) {
        return wanted(process) && is_still(process, waited);
      };
      if (std::erase_if(moving_, is_done) == 0) usleep(100);
      if (waited > kStopWithin || boot_now() > end_) refused_ = too_slow(root()).value();
      if (!armed_.alive()) refused_ = waker_has_ended(root()).value();
    }
  }

  [[nodiscard]] std::string root() const { return "process " + std::to_string(job_.root.pid); }

  static bool is_still(ProcessKey process, Duration waited) {
    const auto stat = process_stat(process.pid);
    if (!stat || stat->start_ticks != process.start_ticks || stat->has_ended()) return true;
    return has_stopped(process.pid, *stat) || (stat->state == 'D' && waited > kWaitForKernel);
  }

  const JobTree& job_;
  int note_;
  const std::vector<ProcessKey>& wakers_;
  const Waker& armed_;
  BootTime end_ = boot_now() + kStopTreeWithin;
  ByPid stopped_;
  std::vector<ProcessKey> moving_;  // told to stop, and not seen to have
  std::optional<Error> refused_;
  int found_ = 0;  // in this pass
  int count_ = 0;
};

}  // namespace

Result<int> stop_tree(const JobTree& job, int note, const FreezeNote& told, const Waker& armed) {
  return TreeStop(job, note, told, armed).run();
}

FreezeState tree_state(const JobTree& job, const FreezeNote& note) {
  const ByPid ours = by_pid(note.stopped);
  int running = 0;
  int stopped = 0;
  walk_stats(job, note.wakers, [&](pid_t pid, const ProcessStat& stat) {
    const bool is_ours = holds(ours, pid, stat);
    if (has_stopped(pid, stat)) {
      stopped += is_ours ? 1 : 0;
    } else if (!stat.has_ended() && !(is_ours && stat.state == 'D')) {
      ++running;
    }
  });
  if (running == 0) return FreezeState::frozen;
  return stopped == 0 ? FreezeState::thawed : FreezeState::partly;
}

tl::unexpected<Error> waker_has_ended(const std::string& where) {
  return fail(ErrorKind::ended, "the waker has ended", where, "the job runs on; arm another");
}

tl::unexpected<Error> too_slow(const std::string& where) {
  return fail(ErrorKind::temporary, "the job does not stop in time", where, "it runs on instead");
}

}  // namespace lowtide::host
