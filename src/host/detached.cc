#include "host/detached.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

constexpr int kKept = 3;

// False: the process has ended before.
bool sleep_beside(int process, int ms) {
  pollfd ended{process, POLLIN, 0};
  return ms <= 0 || poll(&ended, 1, ms) == 0;
}

// In the new process: a session of its own, no terminal, no signal blocked.
void leave() {
  setsid();
  const int null = open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, fd);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// In the new process: only calls that are safe after a fork.
[[noreturn]] void become(char* const* argv, const Detached& program, int caller, int delay_ms) {
  leave();
  const bool kept = program.keep >= 0;
  if (kept && program.keep != kKept) dup2(program.keep, kKept);  // without close-on-exec
  if (program.keep == kKept) fcntl(kKept, F_SETFD, 0);
  dup2(caller, kKept + 1);
  close_range(kKept + 2, ~0U, 0);
  if (!sleep_beside(kKept + 1, delay_ms)) _exit(0);
  close_range(kept ? kKept + 1 : kKept, ~0U, 0);
  static_cast<void>(nice(program.nice));
  execv(argv[0], argv);
  _exit(127);
}

// Runs `last`, which does not return, in the child of a child that has ended.
template <typename Last>
bool fork_twice(Last last) {
  const pid_t between = fork();
  if (between < 0) return false;
  if (between == 0) {
    const pid_t child = fork();
    if (child == 0) last();
    _exit(child < 0 ? 1 : 0);
  }
  int status = 0;
  while (waitpid(between, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

bool start_detached(const Detached& program) {
  std::vector<char*> words;
  words.reserve(program.argv.size() + 1);
  for (const std::string& word : program.argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const auto delay = std::chrono::duration_cast<std::chrono::milliseconds>(program.delay).count();
  const UniqueFd caller(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
  return fork_twice([&] { become(words.data(), program, caller.get(), static_cast<int>(delay)); });
}

bool run_detached(const std::function<void()>& deed) {
  return fork_twice([&] {
    // Handlers of ours would reach for what is closed here.
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
    ::signal(SIGPIPE, SIG_IGN);
    leave();
    close_range(kKept, ~0U, 0);
    try {
      deed();
    } catch (...) {
      _exit(1);  // nobody hears of it
    }
    _exit(0);
  });
}

}  // namespace lowtide::host
