#include "host/clock.h"

#include <algorithm>
#include <ctime>

namespace lowtide::host {
namespace {

Duration read(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
}

}  // namespace

BootTime SystemClock::boot() const { return BootTime(read(CLOCK_BOOTTIME)); }
Utc SystemClock::utc() const { return Utc(read(CLOCK_REALTIME)); }

Duration SystemClock::slept() const {
  // A preemption between the two reads makes the difference smaller.
  Duration most = Duration::min();
  for (int i = 0; i < 3; ++i) most = std::max(most, read(CLOCK_BOOTTIME) - read(CLOCK_MONOTONIC));
  return most;
}

UtcAnchor UtcAnchor::take(const Clock& clock) {
  // The two clocks are read one after the other; the tightest of a few tries is kept, so that a
  // preemption between the reads does not shift the whole run.
  UtcAnchor best{};
  Duration best_width = Duration::max();
  for (int i = 0; i < 3; ++i) {
    const BootTime before = clock.boot();
    const Utc utc = clock.utc();
    const Duration width = clock.boot() - before;
    if (width < best_width) {
      best_width = width;
      best = {utc, before + width / 2};
    }
  }
  return best;
}

Duration UtcAnchor::step(const Clock& clock) const {
  const UtcAnchor now = take(clock);
  return now.utc - at(now.boot);
}

}  // namespace lowtide::host
