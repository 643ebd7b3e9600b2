#include "host/checkpoint_signal.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

#include "base/names.h"
#include "base/quote.h"
#include "host/clock.h"
#include "host/files.h"
#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

// What a job may sensibly take as a wish of somebody, beside the real-time ones. A handler for one
// of the others stands for something else: Go's runtime catches URG, bash CHLD, faulthandler SEGV.
constexpr std::array kWishes{SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGXCPU, SIGPWR};

// Between fork and exec a child has the handlers of its parent, and loses them in the midst: the
// signal would then end it. One that has lived for so long has had its exec.
constexpr Duration kSettled = std::chrono::milliseconds(100);

// What a user, a terminal or a batch system sends to have something done now.
constexpr std::array kUrgent{SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP, SIGUSR1, SIGUSR2};

constexpr std::size_t kPidFile = 256;  // bytes of it that are read

// A set of signals of /proc/PID/status, bit 0 for signal 1.
std::uint64_t signal_set(const std::string& status, std::string_view field) {
  const std::size_t at = status.find(field);
  if (at == std::string::npos) return 0;
  std::uint64_t set = 0;
  const char* const from = status.data() + at + field.size();
  std::from_chars(from, status.data() + status.size(), set, 16);
  return set;
}

bool holds(std::uint64_t set, int signal) {
  return ((set >> static_cast<unsigned>(signal - 1)) & 1U) != 0;
}

std::string status_of(pid_t pid) {
  return read_file("/proc/" + std::to_string(pid) + "/status").value_or("");
}

bool has_handler(pid_t pid, int signal) {
  return holds(signal_set(status_of(pid), "\nSigCgt:\t"), signal);
}

bool is_same(ProcessKey process) {
  const auto stat = process_stat(process.pid);
  return stat && stat->start_ticks == process.start_ticks && !stat->has_ended();
}

enum class Sent { yes, not_caught, denied };

Sent send_if_caught(ProcessKey process, int signal) {
  const UniqueFd same(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
  // Opened first: should the process end and its number be another's, nothing is sent.
  if (!same || !catches(process, signal)) return Sent::not_caught;
  if (syscall(SYS_pidfd_send_signal, same.get(), signal, nullptr, 0) == 0) return Sent::yes;
  return errno == EPERM ? Sent::denied : Sent::not_caught;
}

Duration age_of(ProcessKey process) {
  static const std::int64_t per_second = sysconf(_SC_CLK_TCK);
  return SystemClock().boot().time_since_epoch() -
         Duration(process.start_ticks * (1'000'000'000 / per_second));
}

void let_settle(const std::vector<ProcessKey>& processes) {
  const auto is_new = [](ProcessKey process) { return age_of(process) < kSettled; };
  if (std::any_of(processes.begin(), processes.end(), is_new)) {
    usleep(static_cast<useconds_t>(kSettled / std::chrono::microseconds(1)));
  }
}

tl::unexpected<Error> job_has_ended(const JobTree& job) {
  return fail(ErrorKind::ended, "the job has ended", "process " + std::to_string(job.root.pid));
}

Result<std::vector<ProcessKey>> named_in(const std::string& path,
                                         const std::vector<ProcessKey>& job) {
  const auto text = read_tail(path, kPidFile);
  if (!text) {
    Error error = text.error();
    error.hint = "the job writes the number of the process to be asked there";
    return tl::unexpected(std::move(error));
  }
  const std::size_t first = std::min(text->find_first_not_of(" \t\n"), text->size());
  pid_t pid = 0;
  std::from_chars(text->data() + first, text->data() + text->size(), pid);
  for (const ProcessKey& process : job) {
    if (process.pid == pid) return std::vector{process};
  }
  return fail(ErrorKind::absent,
              pid > 0 ? "process " + std::to_string(pid) + " is none of this job's"
                      : "there is no number of a process in it",
              path, "the job writes the number of the process to be asked there");
}

Result<std::vector<ProcessKey>> asked_for(const JobTree& job, const CheckpointTarget& target) {
  using Kind = CheckpointTarget::Kind;
  if (target.kind == Kind::main) {
    if (!is_same(job.root)) return job_has_ended(job);
    return std::vector{job.root};
  }
  std::vector<ProcessKey> all = processes_of(job);
  if (all.empty()) return job_has_ended(job);
  return target.kind == Kind::tree ? all : named_in(target.path, all);
}

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return number;
}

// "rtmin+3".
std::optional<int> real_time_signal(std::string_view text) {
  if (text == "rtmin") return SIGRTMIN;
  if (text == "rtmax") return SIGRTMAX;
  if (!text.starts_with("rtmin+")) return std::nullopt;
  const auto above = number_of(text.substr(6)).value_or(-1);
  return above < 0 || above > SIGRTMAX - SIGRTMIN ? std::nullopt : std::optional(SIGRTMIN + above);
}

// "usr1", "10".
std::optional<int> signal_of(std::string_view text) {
  if (const auto number = number_of(text)) return number;
  for (int signal = 1; signal < 32; ++signal) {
    const char* const name = sigabbrev_np(signal);
    if (name != nullptr && text == lower(name)) return signal;
  }
  return real_time_signal(text);
}

}  // namespace

Result<CheckpointTarget> parse_checkpoint_target(std::string_view text) {
  using Kind = CheckpointTarget::Kind;
  if (text.empty()) {
    return fail(ErrorKind::usage, "nobody is named", {}, "main, tree, or a file with a process id");
  }
  if (text == "main") return CheckpointTarget{};
  if (text == "tree") return CheckpointTarget{Kind::tree};
  return CheckpointTarget{Kind::pid_file, std::string(text)};
}

Result<int> parse_signal(std::string_view text) {
  constexpr const char* kHint = "USR1, USR2, TERM, INT, HUP, QUIT or RTMIN+N";
  const std::string name = lower(text);
  const auto signal = signal_of(name.starts_with("sig") ? std::string_view(name).substr(3) : name);
  if (!signal || *signal < 1 || *signal > SIGRTMAX) {
    return fail(ErrorKind::usage, in_quotes(text) + " is no signal", {}, kHint);
  }
  const bool is_wish = std::find(kWishes.begin(), kWishes.end(), *signal) != kWishes.end();
  if (is_wish || *signal >= SIGRTMIN) return *signal;
  return fail(ErrorKind::usage, in_quotes(text) + " cannot ask a job to save its state", {}, kHint);
}

std::string signal_name(int signal) {
  if (signal >= SIGRTMIN && signal <= SIGRTMAX) {
    return signal == SIGRTMIN ? "RTMIN" : "RTMIN+" + std::to_string(signal - SIGRTMIN);
  }
  const char* const name = sigabbrev_np(signal);
  return name != nullptr ? name : std::to_string(signal);
}

bool catches(ProcessKey process, int signal) {
  // Looked at after it: then it was this process whose handlers were read.
  return has_handler(process.pid, signal) && is_same(process);
}

bool has_signals_waiting(ProcessKey process) {
  const std::string status = status_of(process.pid);
  const std::uint64_t pending =
      (signal_set(status, "\nSigPnd:\t") | signal_set(status, "\nShdPnd:\t")) &
      ~signal_set(status, "\nSigBlk:\t");
  const auto waits = [&](int signal) { return holds(pending, signal); };
  return std::any_of(kUrgent.begin(), kUrgent.end(), waits) && is_same(process);
}

Result<int> signal_to_save(const JobTree& job, const CheckpointTarget& target, int signal) {
  const auto asked = asked_for(job, target);
  if (!asked) return tl::unexpected(asked.error());
  let_settle(*asked);
  int sent = 0;
  std::optional<ProcessKey> denied;
  for (const ProcessKey& process : *asked) {
    const Sent what = send_if_caught(process, signal);
    if (what == Sent::yes) ++sent;
    if (what == Sent::denied) denied = process;
  }
  if (sent > 0 || !denied) return sent;
  return fail(ErrorKind::denied, std::generic_category().message(EPERM),
              "process " + std::to_string(denied->pid),
              "another user's process cannot be asked to save its state");
}

}  // namespace lowtide::host
