// Instants, intervals and 5-minute slots.
//
// Two clocks that cannot be mixed: Utc is what the world agrees on and may be stepped; BootTime is
// CLOCK_BOOTTIME, which counts through suspend and never goes back. A measurement is stamped in
// BootTime and turned into Utc once, by an anchor (host/clock.h). Intervals are half open,
// [begin, end), so neighbours neither overlap nor leave a hole.
#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace lowtide {

using Utc = std::chrono::time_point<std::chrono::system_clock, Duration>;

struct BootClock {  // a tag: read through host::Clock
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<BootClock, Duration>;
  static constexpr bool is_steady = true;
};
using BootTime = BootClock::time_point;

template <typename Time>
struct IntervalOf {
  Time begin{};
  Time end{};

  [[nodiscard]] constexpr Duration length() const { return end - begin; }
  [[nodiscard]] constexpr bool empty() const { return end <= begin; }
  [[nodiscard]] constexpr bool holds(Time t) const { return begin <= t && t < end; }
  // The common part; empty (with begin == end) where there is none.
  [[nodiscard]] constexpr IntervalOf meet(IntervalOf other) const {
    const Time from = std::max(begin, other.begin);
    return {from, std::max(from, std::min(end, other.end))};
  }
  constexpr auto operator<=>(const IntervalOf&) const = default;
};
using Interval = IntervalOf<Utc>;
using BootInterval = IntervalOf<BootTime>;

// In order, joined where they overlap or touch; empty ones are left out.
[[nodiscard]] std::vector<Interval> united(std::vector<Interval> parts);
// What of `whole` is in none of `parts`, which are united.
[[nodiscard]] std::vector<Interval> rest_of(Interval whole, const std::vector<Interval>& parts);
// How long `parts`, which are united, last within `whole`.
[[nodiscard]] Duration length_within(Interval whole, const std::vector<Interval>& parts);

// The slot of the accounting rules: 5 minutes of UTC, aligned to the epoch.
inline constexpr Duration kSlot = std::chrono::minutes(5);

constexpr Utc slot_begin(Utc t) {
  const Duration since = t.time_since_epoch();
  Duration rest = since % kSlot;
  if (rest < Duration::zero()) rest += kSlot;
  return Utc(since - rest);
}
constexpr Utc slot_end(Utc t) { return slot_begin(t) + kSlot; }

// ISO 8601 with milliseconds and Z: 2026-01-05T00:00:00.000Z.
[[nodiscard]] std::string format_utc(Utc t);

// Accepts `YYYY-MM-DD`, `YYYY-MM-DDThh:mm[:ss[.f]]` with Z, +hh:mm, +hhmm or nothing (UTC); a
// space may stand for the T. Error malformed otherwise.
[[nodiscard]] Result<Utc> parse_utc(std::string_view text);

// `90s 15m 24h 2d 100ms`, a sum such as `1h30m`, never negative. Error malformed otherwise.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

// A length for people: "31 s", "4 min 05 s", "2 h 03 min", "9 d 2 h".
[[nodiscard]] std::string format_duration(Duration d);

}  // namespace lowtide
