// When a run's readings are due: at whole multiples of the interval in UTC, and at each 5-minute
// edge of it, so that no reading of a counter lies across a slot's edge. In boot time, for the
// threads that wait. Pure.
#pragma once

#include <algorithm>

#include "base/time.h"
#include "host/clock.h"

namespace lowtide::record {

struct Ticks {
  host::UtcAnchor anchor;
  Duration interval = std::chrono::seconds(1);

  [[nodiscard]] BootTime after(BootTime now) const {
    const Utc utc = anchor.at(now);
    const Utc next = Utc((utc.time_since_epoch() / interval + 1) * interval);
    return anchor.boot_at(std::min(next, slot_end(utc)));
  }
};

}  // namespace lowtide::record
