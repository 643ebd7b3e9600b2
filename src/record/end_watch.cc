#include "record/end_watch.h"

#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "host/clock.h"
#include "host/unique_fd.h"

namespace lowtide::record {
namespace {

void wait_for_end(pid_t pid) {
  const host::UniqueFd fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (fd) {
    pollfd wanted{fd.get(), POLLIN, 0};
    while (poll(&wanted, 1, -1) < 0 && errno == EINTR) {
    }
    return;
  }
  // ESRCH: it has ended. Anything else is a kernel without pidfd (before 5.3): look each 2 ms.
  while (errno != ESRCH && kill(pid, 0) == 0) usleep(2000);
}

}  // namespace

EndWatch::EndWatch(pid_t pid, int wake_fd)
    : end_ns_(std::make_shared<std::atomic<std::int64_t>>(0)) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([pid, wake_fd, end_ns = end_ns_] {
    wait_for_end(pid);
    *end_ns = host::SystemClock().boot().time_since_epoch().count();
    const std::uint64_t one = 1;
    static_cast<void>(write(wake_fd, &one, sizeof one));
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

std::optional<BootTime> EndWatch::ended() const {
  const std::int64_t at = *end_ns_;
  if (at == 0) return std::nullopt;
  return BootTime(Duration(at));
}

}  // namespace lowtide::record
