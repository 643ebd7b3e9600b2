#include "host/guard.h"

#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/time.h"
#include "host/clock.h"
#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

constexpr int kInternal = 70;
// A child that lives shorter than this died of its own start.
constexpr Duration kEarly = std::chrono::seconds(2);
constexpr int kMostEarlyDeaths = 3;

class Guard {
 public:
  explicit Guard(const std::function<int(const GuardSeat&)>& main) : main_(main) {
    sigset_t mask;
    sigemptyset(&mask);
    for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&mask, signal);
    sigprocmask(SIG_BLOCK, &mask, &before_);
    signals_.reset(signalfd(-1, &mask, SFD_CLOEXEC));
    for (const int signal : {SIGHUP, SIGQUIT, SIGTTOU}) ::signal(signal, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
  }

  int run() {
    if (!start(false)) return kInternal;
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof info) == ssize_t{sizeof info}) {
      if (info.ssi_signo != SIGCHLD) {
        kill(child_, SIGTERM);
        ending_ = true;
        continue;
      }
      int status = 0;
      if (waitpid(child_, &status, WNOHANG) != child_) continue;
      if (WIFEXITED(status)) return WEXITSTATUS(status);
      if (ending_) return 128 + WTERMSIG(status);
      early_deaths_ = clock_.boot() - started_ < kEarly ? early_deaths_ + 1 : 0;
      if (early_deaths_ > kMostEarlyDeaths || !start(true)) return kInternal;
    }
    return kInternal;
  }

 private:
  bool start(bool restarted) {
    const pid_t guard = getpid();
    started_ = clock_.boot();
    child_ = fork();
    if (child_ == 0) {
      setpgid(0, 0);
      signals_.reset();
      sigprocmask(SIG_SETMASK, &before_, nullptr);
      _exit(main_({guard, restarted}));
    }
    if (child_ > 0) setpgid(child_, child_);
    return child_ > 0;
  }

  const std::function<int(const GuardSeat&)>& main_;
  SystemClock clock_;
  sigset_t before_{};
  UniqueFd signals_;
  pid_t child_ = -1;
  BootTime started_{};
  int early_deaths_ = 0;
  bool ending_ = false;
};

}  // namespace

int guard(const std::function<int(const GuardSeat&)>& main) { return Guard(main).run(); }

}  // namespace lowtide::host
