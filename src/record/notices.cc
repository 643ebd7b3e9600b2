#include "record/notices.h"

#include <utility>

#include "base/time.h"

namespace lowtide::record {
namespace {

// A smaller step of the clock is a correction by NTP, not news.
constexpr Duration kClockStep = std::chrono::milliseconds(500);

}  // namespace

void Notices::late_doors(const Doors& doors, Recording& into, Utc now) {
  for (const std::string& door : doors.late()) {
    if (!late_said_.insert(door).second) continue;
    into.event(now, "sensor-late",
               door + " did not answer in time; its channels have a gap until it does");
  }
}

void Notices::clocks(const host::UtcAnchor& anchor, const host::Clock& clock, Recording& into) {
  clock_step(anchor, clock, into);
  suspension(anchor.at(clock.boot()), clock, into);
}

void Notices::clock_step(const host::UtcAnchor& anchor, const host::Clock& clock, Recording& into) {
  if (anchor.scale != 1) return;  // a clock of our own, that nobody sets
  const Duration step = anchor.step(clock);
  const Duration moved = step - step_;
  if (std::chrono::abs(moved) < kClockStep) return;
  step_ = step;
  into.event(anchor.at(clock.boot()), "clock-step",
             "the system's clock was set " + format_duration(std::chrono::abs(moved)) +
                 (moved < Duration::zero() ? " back" : " forward") +
                 "; times of this run stay on the clock it began with");
}

void Notices::suspension(Utc now, const host::Clock& clock, Recording& into) {
  const Duration slept = clock.slept();
  const Duration before = std::exchange(slept_, slept).value_or(slept);
  if (!host::was_suspended(before, slept)) return;
  into.event(now, "suspended",
             "the machine was suspended for " + format_duration(slept - before) +
                 "; a counter keeps the energy of it, polled and modelled power has a gap");
}

}  // namespace lowtide::record
