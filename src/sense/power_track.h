// Power that is polled, turned into energy over [begin, end) of boot time by trapezoids.
//
// A device that gives the mean of the last `window` is read as the power of half a window ago: the
// pieces then end half a window before the last poll, and tail() holds the newest value until it.
// Two polls further apart than `hole` have nothing between them: that is a gap, not a trapezoid.
// Plain values, pure, one thread.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"

namespace lowtide::sense {

struct PowerPiece {
  BootInterval span;
  Energy energy;
  Power min;
  Power max;
};

class PowerTrack {
 public:
  explicit PowerTrack(Duration window = Duration::zero()) : shift_(window / 2) {}

  // The piece that this poll closes. Nothing: the first poll, or all of it lies before the first.
  // Error: the time since the last poll is a gap; the track starts anew here.
  [[nodiscard]] Result<std::optional<PowerPiece>> step(Power power, BootTime at, Duration hole);

  // From the end of the last piece to the last poll, the last value held.
  [[nodiscard]] std::optional<PowerPiece> tail() const;

 private:
  struct Poll {
    Power power;
    BootTime at;
  };
  Duration shift_;
  BootTime start_;  // nothing is said about the time before it
  std::optional<Poll> last_;
};

}  // namespace lowtide::sense
