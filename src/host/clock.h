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
  // How long the machine has been suspended since it booted.
  [[nodiscard]] virtual Duration slept() const { return {}; }
};

// From one value of slept() to a later one: a difference that only a suspended machine makes.
[[nodiscard]] constexpr bool was_suspended(Duration before, Duration now) {
  return now - before > std::chrono::milliseconds(500);
}

class SystemClock final : public Clock {
 public:
  [[nodiscard]] BootTime boot() const override;
  [[nodiscard]] Utc utc() const override;
  [[nodiscard]] Duration slept() const override;
};

// How many times as fast UTC runs as the boot clock: 1, but for demonstrations and tests, which set
// LOWTIDE_TIME_SCALE (1 to 100000) to have a day pass in minutes. All processes of a run count from
// one origin, LOWTIDE_TIME_ORIGIN, which the first of them sets; boot time stays real, so waits and
// sensors do. Reads the environment once.
[[nodiscard]] double time_scale();
// `length` of UTC in boot time, and back.
[[nodiscard]] Duration unscaled(Duration length, double scale);
[[nodiscard]] Duration scaled(Duration length, double scale);

struct UtcAnchor {
  Utc utc;
  BootTime boot;
  double scale = time_scale();

  [[nodiscard]] static UtcAnchor take(const Clock& clock);
  [[nodiscard]] Utc at(BootTime t) const { return utc + scaled(t - boot, scale); }
  [[nodiscard]] BootTime boot_at(Utc t) const { return boot + unscaled(t - utc, scale); }
  // How far the system's clock has moved against the anchor.
  [[nodiscard]] Duration step(const Clock& clock) const;
};

}  // namespace lowtide::host
