// What a session notes beside its readings: use of the CPUs, contexts on GPUs, events, intensity,
// counts, and how the job ended.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/time.h"
#include "host/cgroup.h"
#include "host/proc.h"
#include "record/session.h"
#include "series/counts.h"

namespace lowtide::record {

// With each flush, so that a run which is killed is not charged what it never used.
void Session::note_gpus_so_far() {
  if (setup_.gpus_chosen || rec_.run.end) return;
  std::vector<ChannelInfo> channels = rec_.run.channels;
  for (const std::size_t i : gpu_use_.settle(channels)) {
    const bool before = charged_so_far_.try_emplace(i, true).first->second;
    if (channels[i].in_total == before) continue;
    charged_so_far_[i] = channels[i].in_total;
    rec_.pending.channels.emplace_back(i, channels[i]);
  }
}

void Session::flush() {
  note_gpus_so_far();
  rec_.flush(doors_.saved(), anchor_, utc_now());
  board_.run_key = rec_.store.key();
  next_flush_ = clock_.boot() + kFlush - tick_length() / 2;
}

// Who reads the record must know that its hours were none.
void Session::say_scaled_clock() {
  const bool said = std::any_of(rec_.run.events.begin(), rec_.run.events.end(),
                                [](const Event& event) { return event.kind == "time-scale"; });
  if (anchor_.scale == 1 || said) return;
  rec_.run.events.push_back(
      {utc_now(), "time-scale",
       fmt::format("a scaled clock: UTC runs {:g} times as fast as the sensors' clock, for a "
                   "demonstration or a test; energy is real",
                   anchor_.scale)});
}

void Session::count_cpu_time(const Result<std::string>& group, bool in_it) {
  std::string& how = rec_.run.machine.cpu_time_by;
  if (in_it) {
    use_.by_cgroup(*group);
    how = "cgroup";
  } else if (group) {
    host::remove_job_cgroup(*group);
    how = "process tree (the cgroup would not take the job)";
  } else {
    how = "process tree (" + group.error().line() + ")";
  }
}

void Session::note_use(JobUse::When when) {
  if (const auto times = use_.now(when)) rec_.note_use(*times, rec_.run.end.value_or(utc_now()));
}

// Before there is a job nobody is its own.
GpuUse::Ours Session::ours() {
  if (board_.job_pid == 0) return [](pid_t) { return false; };
  return [roots = use_.roots()](pid_t pid) { return host::descends_from(pid, roots); };
}

void Session::settle_gpus() {
  if (setup_.gpus_chosen) return;
  for (const std::size_t i : gpu_use_.settle(rec_.run.channels)) {
    rec_.pending.channels.emplace_back(i, rec_.run.channels[i]);
  }
}

void Session::note_late_doors(BootTime deadline) {
  if (clock_.boot() >= deadline) notices_.late_doors(doors_, rec_, utc_now());
}

void Session::settle_end() {
  rec_.note_silent_counters(utc_now());
  if (!board_.ended) {
    rec_.run.state = RunState::interrupted;
    return;
  }
  if (board_.status_unknown) {
    rec_.run.state = RunState::interrupted;
    rec_.run.exit_note = "lowtide's process that was the job's parent died, so nobody was told";
    return;
  }
  const int status = board_.wait_status;
  rec_.run.exit_status = host::shell_status(status);
  rec_.run.state = WIFSIGNALED(status)          ? RunState::killed
                   : *rec_.run.exit_status == 0 ? RunState::finished
                                                : RunState::failed;
  std::string left;
  for (const pid_t pid : host::children_of(getpid())) left += " " + std::to_string(pid);
  if (!left.empty()) event("children-left", "the main command ended before its children:" + left);
}

void Session::read_counts() {
  if (setup_.counts_path.empty()) return;
  const auto text = host::read_file(setup_.counts_path);
  unlink(setup_.counts_path.c_str());
  if (!text) return;
  const Counts counts = parse_counts(*text);
  for (const auto& [name, value] : counts.values) rec_.run.counts[name] += value;
  if (counts.ignored == 0) return;
  event("counts-ignored",
        std::to_string(counts.ignored) +
            " lines of the counts file are not name=value, the first: " + counts.first_ignored);
}

}  // namespace lowtide::record
