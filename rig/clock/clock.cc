// librig_clock.so, for LD_PRELOAD: a program's clocks, moved while it runs.
//
// LOWTIDE_RIG_CLOCK names a file of two int64 in the machine's order: nanoseconds added to
// CLOCK_REALTIME, nanoseconds added to CLOCK_BOOTTIME. It is mapped, so what a test writes holds
// from the next reading on. A clock that is set moves the first; a machine that was suspended moves
// both, and CLOCK_MONOTONIC stands still. A static program (rig_job) is not touched.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

struct Shifts {
  int64_t realtime_ns;
  int64_t boottime_ns;
};

const volatile Shifts* map_shifts() {
  static const Shifts none{};
  const char* path = std::getenv("LOWTIDE_RIG_CLOCK");
  const int fd = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return &none;
  void* const found = mmap(nullptr, sizeof(Shifts), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  return found == MAP_FAILED ? &none : static_cast<const Shifts*>(found);
}

int64_t shift_of(clockid_t id) {
  static const volatile Shifts* const shifts = map_shifts();
  if (id == CLOCK_REALTIME) return shifts->realtime_ns;
  return id == CLOCK_BOOTTIME ? shifts->boottime_ns : 0;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the C library's own name
extern "C" __attribute__((visibility("default"))) int clock_gettime(clockid_t id,
                                                                    timespec* now) noexcept {
  const long answer = syscall(SYS_clock_gettime, id, now);
  if (answer != 0) return -1;
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t ns = now->tv_sec * kSecond + now->tv_nsec + shift_of(id);
  *now = {static_cast<time_t>(ns / kSecond), static_cast<long>(ns % kSecond)};
  return 0;
}
