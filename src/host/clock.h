// The door to the clocks.
//
// BootTime is CLOCK_BOOTTIME. An Anchor ties it to UTC once; from then on UTC is anchor + elapsed
// boot time, so a step of the system's clock changes no elapsed time (it is an event, see
// UtcAnchor::step). Thread safe: no state.
#pragma once

#include "base/time.h"

namespace lowtide::host {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual BootTime boot() const = 0;
  [[nodiscard]] virtual Utc utc() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] BootTime boot() const override;
  [[nodiscard]] Utc utc() const override;
};

struct UtcAnchor {
  Utc utc;
  BootTime boot;

  [[nodiscard]] static UtcAnchor take(const Clock& clock);
  [[nodiscard]] Utc at(BootTime t) const { return utc + (t - boot); }
  [[nodiscard]] BootTime boot_at(Utc t) const { return boot + (t - utc); }
  // How far the system's clock has moved against the anchor.
  [[nodiscard]] Duration step(const Clock& clock) const;
};

}  // namespace lowtide::host
