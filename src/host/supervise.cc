#include "host/supervise.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <vector>

#include "host/clock.h"
#include "host/freeze_note.h"
#include "host/proc.h"
#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

using std::chrono::milliseconds;

constexpr std::array kForwarded{SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCONT};
// A meter that has seen the job end writes its last rows and the summary: it gets this long.
constexpr Duration kFarewell = std::chrono::seconds(10);
constexpr int kMostEarlyDeaths = 3;

class Supervisor {
 public:
  Supervisor(const Inherited& inherited, Board& board, const MeterMain& meter, const Beside& beside)
      : inherited_(inherited), board_(board), meter_main_(meter), beside_(beside) {}

  Supervised run() {
    prepare_signals();
    if (!start_meter(false)) return {};
    while (!done_) turn();
    return outcome();
  }

 private:
  void prepare_signals() {
    board_.supervisor_pid = getpid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (const int signal : {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE}) {
      ::signal(signal, SIG_IGN);
    }
    ::signal(SIGCHLD, SIG_DFL);  // an ignored SIGCHLD would make exit statuses vanish
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    for (const int signal : kForwarded) {
      if (!inherited_.ignored(signal)) sigaddset(&mask, signal);
    }
    sigprocmask(SIG_BLOCK, &mask, nullptr);
    signals_.reset(signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  bool start_meter(bool restarted) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
    UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    const pid_t before = meter_;
    const pid_t pid = fork();
    if (pid < 0) return false;
    if (pid == 0) {
      ours.reset();
      socket_.reset();
      signals_.reset();
      setpgid(0, 0);  // ^C and ^Z pass the meter by
      _exit(meter_main_({theirs.get(), restarted, before}));
    }
    setpgid(pid, pid);
    fcntl(ours.get(), F_SETFL, O_NONBLOCK);
    socket_ = std::move(ours);
    meter_ = pid;
    board_.meter_pid = pid;
    meter_since_ = clock_.boot();
    return true;
  }

  // One wait for whatever comes first.
  void turn() {
    std::array<pollfd, 2> wanted{{{signals_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}}};
    poll(wanted.data(), socket_ ? 2 : 1, next_timeout());
    read_notes();
    read_signals();
    reap();
    if (restart_at_ && clock_.boot() >= *restart_at_) {
      restart_at_.reset();
      if (!start_meter(true)) restart_at_ = clock_.boot() + std::chrono::seconds(1);
    }
    if (board_.ended && !ended_at_) ended_at_ = clock_.boot();
    if (ended_at_ && clock_.boot() - *ended_at_ > kFarewell) done_ = true;
  }

  [[nodiscard]] int next_timeout() const {
    std::optional<BootTime> at = restart_at_;
    if (ended_at_) at = std::min(at.value_or(BootTime::max()), *ended_at_ + kFarewell);
    if (!at) return -1;
    const auto left = std::chrono::ceil<milliseconds>(*at - clock_.boot()).count();
    return static_cast<int>(std::clamp<long long>(left, 0, 60'000));
  }

  void read_notes() {
    Note note;
    ssize_t got = -1;
    while (socket_ && (got = recv(socket_.get(), &note, sizeof note, 0)) == ssize_t{sizeof note}) {
      if (note.kind == Note::Kind::started) job_started();
      if (note.kind == Note::Kind::stopped) stop_self(note.value);
    }
    // The meter closed its end: it is dying. poll() would return at once until it can be reaped.
    if (got == 0) socket_.reset();
  }

  void job_started() {
    if (!beside_.keeps_descriptors) inherited_.release_descriptors();
    for (const int signal : early_) kill(board_.job_pid, signal);
    early_.clear();
  }

  void read_signals() {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof info) == ssize_t{sizeof info}) {
      const int signal = static_cast<int>(info.ssi_signo);
      if (signal == SIGCHLD || !is_for_job(info)) continue;
      if (board_.started) {
        kill(board_.job_pid, signal);
      } else {
        early_.push_back(signal);  // the job gets it as soon as it is there
      }
    }
  }

  // A signal that lowtide alone was sent: not by the kernel or a member of the job's own group to
  // the whole group, and not by our own meter to wake us.
  [[nodiscard]] bool is_for_job(const signalfd_siginfo& info) const {
    const auto sender = static_cast<pid_t>(info.ssi_pid);
    if (board_.ended || sender == meter_) return false;
    if (info.ssi_code > 0) return false;  // from the terminal: the group has it already
    const bool wakes = info.ssi_signo == SIGCONT;
    if (wakes && stopped_by_freezer(beside_.freeze_note, board_.job_pid)) return false;
    return sender == 0 || getpgid(sender) != getpgrp();
  }

  void reap() {
    int status = 0;
    rusage use{};
    pid_t pid = 0;
    while ((pid = wait4(-1, &status, WNOHANG | WUNTRACED, &use)) > 0) {
      if (WIFSTOPPED(status)) {
        if (pid == board_.job_pid) stop_self(WSTOPSIG(status));
      } else if (pid == meter_) {
        meter_ended(status);
      } else if (pid == board_.job_pid) {
        board_.note_end(status, use, clock_.boot());
        tell_meter({Note::Kind::ended, 0});
      } else if (!beside_.child_ended || !beside_.child_ended(pid, status)) {
        board_.add_cpu(use);
      }
    }
  }

  void meter_ended(int status) {
    read_notes();
    socket_.reset();
    const bool orderly = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    const bool never_started = board_.job_pid == 0 && !has_children_of_a_job();
    if ((board_.ended && orderly) || board_.exec_errno != 0) {
      done_ = true;
    } else if (never_started) {
      start_again(status);
    } else {
      restart_later();
    }
  }

  [[nodiscard]] bool has_children_of_a_job() const {
    const auto children = children_of(getpid());
    return std::any_of(children.begin(), children.end(),
                       [&](pid_t child) { return !beside_.is_own || !beside_.is_own(child); });
  }

  // Killed before it came to start the job; a meter that fails on its own will fail again, and so
  // will one that is killed time after time.
  void start_again(int status) {
    const bool again = WIFSIGNALED(status) && ++early_deaths_ <= kMostEarlyDeaths;
    if (!again || !start_meter(false)) done_ = true;
  }

  // A meter that dies at once is not started in a tight loop.
  void restart_later() {
    const bool at_once = clock_.boot() - meter_since_ < std::chrono::seconds(1);
    delay_ = at_once ? std::min<Duration>(delay_ * 2 + milliseconds(20), std::chrono::seconds(10))
                     : Duration::zero();
    restart_at_ = clock_.boot() + delay_;
  }

  void tell_meter(Note note) {
    if (socket_) static_cast<void>(send(socket_.get(), &note, sizeof note, MSG_NOSIGNAL));
  }

  // The job was stopped, and not by us: stop too, so that the shell gets control back.
  void stop_self(int signal) {
    // Unless it goes on already: whoever continued the group would not do so again for us.
    const auto job = process_stat(board_.job_pid);
    if (job && job->state != 'T' && job->state != 't') return;
    if (stopped_by_freezer(beside_.freeze_note, board_.job_pid)) return;
    if (signal == SIGSTOP) {
      raise(SIGSTOP);
      return;
    }
    sigset_t one;
    sigset_t before;
    sigemptyset(&one);
    sigaddset(&one, signal);
    ::signal(signal, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &one, &before);
    raise(signal);  // returns when we are continued
    sigprocmask(SIG_SETMASK, &before, nullptr);
    ::signal(signal, SIG_IGN);
  }

  [[nodiscard]] Supervised outcome() const {
    Supervised result;
    result.exec_errno = board_.exec_errno;
    result.started = board_.started || (board_.job_pid != 0 && board_.exec_errno == 0);
    if (board_.ended) result.status = shell_status(board_.wait_status);
    return result;
  }

  const Inherited& inherited_;
  Board& board_;
  const MeterMain& meter_main_;
  const Beside& beside_;
  SystemClock clock_;
  UniqueFd signals_;
  std::vector<int> early_;  // sent before the job was there
  UniqueFd socket_;
  pid_t meter_ = 0;
  BootTime meter_since_{};
  Duration delay_{};
  int early_deaths_ = 0;  // of meters that had not started the job
  std::optional<BootTime> restart_at_;
  std::optional<BootTime> ended_at_;
  bool done_ = false;
};

}  // namespace

void MeterSeat::tell(Note note) const {
  static_cast<void>(send(socket, &note, sizeof note, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void join_untied_group(pid_t supervisor) {
  const auto stat = process_stat(supervisor);
  if (stat && !ties_its_group(*stat)) setpgid(0, stat->group);
}

Supervised supervise(const Inherited& inherited, Board& board, const MeterMain& meter,
                     const Beside& beside) {
  return Supervisor(inherited, board, meter, beside).run();
}

}  // namespace lowtide::host
