// What a session notes beside its readings: use of the CPUs, contexts on GPUs, events, intensity,
// counts, and how the job ended.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/time.h"
#include "host/proc.h"
#include "record/session.h"
#include "series/counts.h"

namespace lowtide::record {
namespace {

// A smaller step of the clock is a correction by NTP, not news.
constexpr Duration kClockStep = std::chrono::milliseconds(500);

}  // namespace

void Session::event(std::string kind, std::string detail) {
  Event happened{utc_now(), std::move(kind), std::move(detail)};
  run_.events.push_back(happened);
  pending_.events.push_back(std::move(happened));
}

void Session::flush() {
  Increment more = buckets_.take();
  more.channels = std::exchange(pending_.channels, {});
  more.events = std::exchange(pending_.events, {});
  more.intensity = std::exchange(pending_.intensity, {});
  keeper_.saved = doors_.saved();
  // Not now: what a later lowtide takes as the last moment on record is that of a reading.
  keeper_.saved_at = std::max(keeper_.saved_at, anchor_.boot_at(buckets_.newest_end()));
  keeper_.saved_job_cpu = use_before_.job;
  keeper_.saved_machine_cpu = use_before_.machine.value_or(Duration::zero());
  store_.flush(run_, std::move(more), keeper_, buckets_);
  board_.run_key = store_.key();
  next_flush_ = clock_.boot() + kFlush - setup_.interval / 2;
}

void Session::note_use() {
  const Utc now = run_.end.value_or(utc_now());
  if (now <= use_since_) return;
  const CpuTimes times = use_.now();
  const Duration job = std::max(times.job - use_before_.job, Duration::zero());
  Duration machine = job;  // without /proc/stat nothing else is known to have run
  if (times.machine && use_before_.machine) {
    machine = std::max(*times.machine - *use_before_.machine, Duration::zero());
  }
  buckets_.add_use({use_since_, now}, job, machine);
  use_since_ = now;
  use_before_ = times;
}

void Session::note_holders(std::size_t channel) {
  if (setup_.gpus_chosen || board_.job_pid == 0) return;
  const auto& pids = holders_[channel];
  if (!pids) {
    cannot_tell_.insert(channel);
    return;
  }
  bool& held = held_[channel];
  if (held) return;  // "at any time": there is nothing more to learn, and /proc is not free
  const std::vector<pid_t> roots = use_.roots();
  for (const int pid : *pids) {
    // A process that is not in our /proc is in another container: it may be the job's or not.
    if (!host::process_stat(pid)) cannot_tell_.insert(channel);
    held = held || host::descends_from(pid, roots);
  }
}

// In a container the driver may list nothing of what runs in it.
static bool in_pid_namespace() {
  std::array<char, 64> target{};
  const ssize_t length = readlink("/proc/self/ns/pid", target.data(), target.size() - 1);
  // The first namespace's inode is fixed: PROC_PID_INIT_INO in the kernel's proc_ns.h.
  return length > 0 && std::string_view(target.data()) != "pid:[4026531836]";
}

static void add_note(ChannelInfo& channel, const char* text) {
  if (!channel.note.empty()) channel.note += "; ";
  channel.note += text;
}

// Which GPUs the run is charged: contract section 3.
void Session::settle_gpus() {
  if (setup_.gpus_chosen) return;
  const bool seen_at_all =
      std::any_of(held_.begin(), held_.end(), [](const auto& entry) { return entry.second; });
  const bool blind = !seen_at_all && in_pid_namespace();
  for (std::size_t i = 0; i < run_.channels.size(); ++i) {
    ChannelInfo& channel = run_.channels[i];
    if (channel.kind != ChannelKind::gpu) continue;
    const auto seen = held_.find(i);
    const bool told = seen != held_.end() && !cannot_tell_.contains(i) && !blind;
    if (told && !seen->second) {
      channel.in_total = false;
      add_note(channel, "not counted: no process of the job held a context on it");
    } else if (!told) {
      add_note(channel, "counted: the driver could not tell whether the job used it");
    }
    pending_.channels.emplace_back(i, channel);
  }
}

void Session::note_late_doors(BootTime deadline) {
  if (clock_.boot() < deadline) return;
  for (const std::string& door : doors_.late()) {
    if (late_said_.insert(door).second) {
      event("sensor-late", door + " did not answer in time; its channels have a gap until it does");
    }
  }
}

void Session::note_clock_step() {
  const Duration step = anchor_.step(clock_);
  const Duration moved = step - clock_step_;
  if (std::chrono::abs(moved) < kClockStep) return;
  clock_step_ = step;
  event("clock-step", "the system's clock was set " + format_duration(std::chrono::abs(moved)) +
                          (moved < Duration::zero() ? " back" : " forward") +
                          "; times of this run stay on the clock it began with");
}

void Session::update_intensity(Interval over) {
  if (!setup_.intensity || over.empty()) return;
  run_.intensity = setup_.intensity(over);
  pending_.intensity.clear();
  for (std::size_t i = 0; i < run_.intensity.size(); ++i) {
    pending_.intensity.emplace_back(i, run_.intensity[i]);
  }
}

// A counter that never moved tells nothing, not even a zero: who looks for the energy hears why.
void Session::note_silent_counters() {
  const std::vector<ChannelSlot> slots = buckets_.slots();
  for (std::size_t i = 0; i < run_.channels.size(); ++i) {
    const ChannelInfo& channel = run_.channels[i];
    const bool counter = channel.source == Source::rapl || channel.source == Source::nvml_counter;
    if (!counter || !channel.in_total) continue;
    const bool read = std::any_of(slots.begin(), slots.end(), [&](const ChannelSlot& slot) {
      return slot.channel == i && slot.covered > Duration::zero();
    });
    const bool told = std::any_of(run_.events.begin(), run_.events.end(), [&](const Event& event) {
      return event.kind.starts_with("sensor-") && event.detail.starts_with(channel.id + ":");
    });
    if (read || told) continue;
    event("sensor-trouble", channel.id + ": its energy counter did not move between the first and "
                                         "the last reading of the run: its energy is not known");
  }
}

void Session::settle_end() {
  note_silent_counters();
  if (!board_.ended) {
    run_.state = RunState::interrupted;
    return;
  }
  if (board_.status_unknown) {
    run_.state = RunState::interrupted;
    run_.exit_note = "lowtide's process that was the job's parent died, so nobody was told";
    return;
  }
  const int status = board_.wait_status;
  run_.exit_status = host::shell_status(status);
  run_.state = WIFSIGNALED(status)      ? RunState::killed
               : *run_.exit_status == 0 ? RunState::finished
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
  for (const auto& [name, value] : counts.values) run_.counts[name] += value;
  if (counts.ignored == 0) return;
  event("counts-ignored", std::to_string(counts.ignored) +
                              " lines of the counts file are not name=value, the first: " +
                              counts.first_ignored);
}

RunRecord Session::so_far() const {
  RunRecord run = run_;
  run.slots = buckets_.slots();
  run.use = buckets_.use();
  return run;
}

}  // namespace lowtide::record
