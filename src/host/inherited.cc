#include "host/inherited.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <memory>

namespace lowtide::host {

Inherited Inherited::take() {
  Inherited inherited;
  sigprocmask(SIG_SETMASK, nullptr, &inherited.mask_);
  sigemptyset(&inherited.ignored_);
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action {};
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
      sigaddset(&inherited.ignored_, signal);
    }
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), &closedir);
  if (!folder) return inherited;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is ours alone
  while (const dirent* entry = readdir(folder.get())) {
    int fd = 0;
    const char* name = entry->d_name;
    const auto [stop, code] = std::from_chars(name, name + std::strlen(name), fd);
    if (code == std::errc() && fd > 2 && fd != dirfd(folder.get())) {
      inherited.descriptors_.push_back(fd);
    }
  }
  return inherited;
}

void Inherited::restore_signals() const {
  struct sigaction action {};
  for (int signal = 1; signal < NSIG; ++signal) {
    action.sa_handler = ignored(signal) ? SIG_IGN : SIG_DFL;
    sigaction(signal, &action, nullptr);  // fails for KILL, STOP and libc's own: as it should
  }
  sigprocmask(SIG_SETMASK, &mask_, nullptr);
}

void Inherited::release_descriptors() const {
  for (const int fd : descriptors_) close(fd);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return;
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  if (null > STDERR_FILENO) close(null);
}

}  // namespace lowtide::host
