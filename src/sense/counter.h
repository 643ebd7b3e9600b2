// A cumulative hardware counter turned into energy over [begin, end) of boot time.
//
// The raw value stays an integer. What may not be guessed is a gap: a counter that fell without a
// known range (a reset), a step that no such device can draw, a hole so long that more than one
// wrap fits. A counter that stands still is not a zero: its energy comes with its next move. One
// that stood still for seconds has caught up, or has lost what was used meanwhile: whichever gives
// a power nearer to the one before. If it has lost it, the standstill is a gap. Plain values, pure,
// one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "base/words.h"

namespace lowtide::sense {

struct CounterRules {
  Energy per_count;  // what one count is
  std::optional<std::uint64_t>
      range;      // counts at which it starts again from 0; absent: it does not
  Power ceiling;  // more than any such device draws
  Duration period = std::chrono::seconds(1);  // how often it is meant to be read
};

struct CounterMark {
  std::uint64_t raw = 0;
  BootTime at;
  bool operator==(const CounterMark&) const = default;
};

struct CounterStep {
  BootInterval span;
  Energy energy;
  Quality quality = Quality::measured;
};

class CounterTrack {
 public:
  CounterTrack() = default;
  explicit CounterTrack(CounterRules rules) : rules_(rules) {}

  // The energy since the mark, and the mark moved to here. Nothing: this was the first value, or
  // the counter has not moved. Error: what lies behind is a gap, with the reason; the mark is here
  // all the same (or, for a counter that stands still, where it was).
  [[nodiscard]] Result<std::optional<CounterStep>> step(std::uint64_t raw, BootTime at);

  [[nodiscard]] const std::optional<CounterMark>& mark() const { return mark_; }
  // Goes on from an earlier meter's mark: the next step is `bridged`.
  void restore(CounterMark mark);

 private:
  [[nodiscard]] Result<std::uint64_t> difference(std::uint64_t raw, Duration elapsed) const;
  [[nodiscard]] Result<std::optional<CounterStep>> stands_still(Duration elapsed, BootTime at);
  [[nodiscard]] BootInterval span_of(Energy moved, BootTime at) const;

  CounterRules rules_;
  std::optional<CounterMark> mark_;
  bool moved_ = false;  // since the first mark
  bool restored_ = false;
  std::optional<BootTime> still_at_;  // last found standing, once that has been said
  std::optional<Power> last_;         // of the last step
  std::optional<Power> before_;       // of the one before
};

// Marks as text, one `key raw boot_ns` a line, and back. A line that does not parse is left out:
// its counter starts anew.
[[nodiscard]] std::string write_mark(std::string_view key, const CounterMark& mark);
[[nodiscard]] std::map<std::string, CounterMark, std::less<>> read_marks(std::string_view text);

}  // namespace lowtide::sense
