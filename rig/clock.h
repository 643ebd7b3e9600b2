// The rig's one time base: seconds of CLOCK_BOOTTIME, the clock that lowtide counts elapsed time
// with, and the same in every process of a test. No state, any thread.
#ifndef LOWTIDE_RIG_CLOCK_H_
#define LOWTIDE_RIG_CLOCK_H_

#include <ctime>

namespace lowtide::rig {

inline double clock_seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

inline double boot_seconds() { return clock_seconds(CLOCK_BOOTTIME); }

}  // namespace lowtide::rig

#endif  // LOWTIDE_RIG_CLOCK_H_
