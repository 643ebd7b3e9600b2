#include "host/inherited.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <memory>

namespace lowtide::host {
namespace {

// What the kernel's rt_sigaction takes. libc's sigaction() refuses the two signals that it keeps for
// itself (32 and 33), and a thread of ours changes them: only the kernel's own call gives them back.
struct KernelAction {
  void (*handler)(int) = SIG_DFL;
  unsigned long flags = 0;
  void (*restorer)() = nullptr;
  std::uint64_t mask = 0;
};

bool set_or_get(int signal, const KernelAction* set, KernelAction* get) {
  return syscall(SYS_rt_sigaction, signal, set, get, sizeof(std::uint64_t)) == 0;
}

}  // namespace

Inherited Inherited::take() {
  Inherited inherited;
  sigprocmask(SIG_SETMASK, nullptr, &inherited.mask_);
  for (int signal = 1; signal < NSIG; ++signal) {
    KernelAction action;
    if (set_or_get(signal, nullptr, &action) && action.handler == SIG_IGN) {
      inherited.ignored_ |= bit_of(signal);
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
  for (int signal = 1; signal < NSIG; ++signal) {
    KernelAction action;
    action.handler = ignored(signal) ? SIG_IGN : SIG_DFL;
    set_or_get(signal, &action, nullptr);  // fails for KILL and STOP: as it should
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
