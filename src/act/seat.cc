#include "act/seat.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "host/clock.h"
#include "host/unique_fd.h"

namespace lowtide::act {
namespace {

constexpr int kRefused = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
constexpr int kSignalled = 128;
constexpr int kMostEarlyDeaths = 3;
constexpr Duration kEarly = std::chrono::seconds(5);
constexpr std::array kEnding{SIGINT, SIGQUIT, SIGTERM, SIGHUP};

class Seat {
 public:
  explicit Seat(const SeatSetup& setup) : setup_(setup) {}

  int run() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    take_signals();
    if (!start_controller(false)) go_on_alone(false);
    while (!status_) turn();
    wait_for_controller();
    if (given_up_ && setup_.over) setup_.over(*status_);
    return *status_;
  }

 private:
  // Blocked and read from a descriptor; supervise() sets some otherwise, so after each life anew.
  void take_signals() {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    for (const int signal : kEnding) {
      if (setup_.inherited.ignored(signal)) continue;
      ::signal(signal, SIG_DFL);
      sigaddset(&mask, signal);
    }
    for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) {
      if (!setup_.inherited.ignored(signal)) ::signal(signal, SIG_DFL);
    }
    ::signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, &mask, nullptr);
    signals_.reset(signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  bool start_controller(bool restarted) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
    host::UniqueFd ours(ends[0]);
    host::UniqueFd theirs(ends[1]);
    const pid_t pid = fork();
    if (pid < 0) return false;
    if (pid == 0) {
      ours.reset();
      socket_.reset();
      signals_.reset();
      setpgid(0, 0);  // ^C and ^Z are the seat's
      sigset_t none;
      sigemptyset(&none);
      sigprocmask(SIG_SETMASK, &none, nullptr);
      _exit(setup_.controller(theirs.get(), restarted));
    }
    setpgid(pid, pid);
    socket_ = std::move(ours);
    controller_ = pid;
    since_ = clock_.boot();
    return true;
  }

  void turn() {
    std::array<pollfd, 2> wanted{{{signals_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}}};
    poll(wanted.data(), socket_ ? 2 : 1, -1);
    read_notes();
    if (status_) return;
    read_signals();
    reap();
  }

  void read_notes() {
    SeatNote note;
    ssize_t got = -1;
    while (socket_ && !status_ &&
           (got = recv(socket_.get(), &note, sizeof note, MSG_DONTWAIT)) == ssize_t{sizeof note}) {
      if (note.kind == SeatNote::Kind::over) status_ = note.value;
      if (note.kind == SeatNote::Kind::start) live(note.life);
    }
    if (got == 0) socket_.reset();
  }

  void live(int life) {
    const host::Supervised outcome = supervised(life);
    take_signals();
    const int status = outcome.started ? outcome.status : status_of_failure(outcome);
    if (outcome.started) last_status_ = status;
    const auto kind = outcome.started ? SeatNote::Kind::left : SeatNote::Kind::failed;
    const bool told = socket_ && send_note(socket_.get(), {kind, life, status});
    if (controller_ > 0) kill(controller_, SIGCONT);  // one that somebody stopped would never hear
    if (!told && controller_ == 0) status_ = status;
  }

  host::Supervised supervised(int life) {
    setup_.board.begin_life(life);
    in_life_ = true;
    host::Beside beside;
    beside.keeps_descriptors = true;
    beside.is_own = [this](pid_t pid) { return pid == controller_; };
    beside.child_ended = [this](pid_t pid, int status) {
      if (pid != controller_) return false;
      controller_ended(status);
      return true;
    };
    const host::Supervised outcome = setup_.live(life, socket_.get(), beside);
    in_life_ = false;
    return outcome;
  }

  static int status_of_failure(const host::Supervised& outcome) {
    if (outcome.exec_errno == 0) return kRefused;
    return outcome.exec_errno == ENOENT ? kNotFound : kNotExecutable;
  }

  void read_signals() {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof info) == ssize_t{sizeof info}) {
      const int signal = static_cast<int>(info.ssi_signo);
      if (signal == SIGCHLD) continue;
      // A controller that sees its seat gone, and no job, leaves the run on disk.
      if (signal == SIGHUP) {
        status_ = kSignalled + signal;
        say_left();
        socket_.reset();
      } else if (!send_note(socket_.get(), {SeatNote::Kind::cancel, 0, signal})) {
        status_ = kSignalled + signal;
      }
    }
  }

  void say_left() const {
    const std::string text = "lowtide: run " + setup_.run +
                             " stays as it is on disk; lowtide resume " + setup_.run +
                             " goes on with it\n";
    static_cast<void>(write(STDERR_FILENO, text.data(), text.size()) == 0);
  }

  void reap() {
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid == controller_) controller_ended(status);
    }
  }

  // Its last words are read first. One that was killed is started again; one that ended by itself
  // has left the run on disk (0) or cannot keep it.
  void controller_ended(int status) {
    controller_ = 0;
    read_last_words();
    if (status_) return;
    early_deaths_ = clock_.boot() - since_ < kEarly ? early_deaths_ + 1 : 0;
    const bool again = WIFSIGNALED(status) && early_deaths_ < kMostEarlyDeaths;
    if (again && start_controller(true)) return;
    socket_.reset();
    go_on_alone(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }

  void go_on_alone(bool left_on_disk) {
    if (in_life_) {
      if (!left_on_disk) give_up();
      return;
    }
    const bool rests = last_status_ || setup_.taken_up;
    if (rests && !left_on_disk) say_left();
    status_ = rests || left_on_disk ? last_status_.value_or(kRefused) : unmoved();
  }

  void give_up() {
    given_up_ = true;
    if (setup_.given_up) setup_.given_up();
  }

  void read_last_words() {
    SeatNote note;
    while (socket_ &&
           recv(socket_.get(), &note, sizeof note, MSG_DONTWAIT) == ssize_t{sizeof note}) {
      if (note.kind == SeatNote::Kind::over) status_ = note.value;
    }
  }

  // Nobody carries the plan out: the job is what counts.
  int unmoved() {
    give_up();
    const host::Supervised outcome = supervised(1);
    return outcome.started ? outcome.status : status_of_failure(outcome);
  }

  // It has said its last word and writes nothing any more.
  void wait_for_controller() {
    socket_.reset();
    if (controller_ > 0) waitpid(controller_, nullptr, 0);
  }

  const SeatSetup& setup_;
  host::SystemClock clock_;
  host::UniqueFd signals_;
  host::UniqueFd socket_;
  pid_t controller_ = 0;
  BootTime since_{};
  int early_deaths_ = 0;
  bool in_life_ = false;
  bool given_up_ = false;
  std::optional<int> status_;       // known: the run is over
  std::optional<int> last_status_;  // of the last life
};

}  // namespace

bool send_note(int socket, const SeatNote& note) {
  return send(socket, &note, sizeof note, MSG_NOSIGNAL) == ssize_t{sizeof note};
}

int sit(const SeatSetup& setup) { return Seat(setup).run(); }

}  // namespace lowtide::act
