// A source of carbon intensity: the one interface that each constant, file, table and (later)
// network provider implements.
//
// A provider is opened once for one place and signal (grid/sources.h) and then asked for intervals
// of UTC, the same one again or a longer one as a run grows. What it does not know is a gap in the
// series, never a zero. One thread, its owner's, calls it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "series/run.h"

namespace lowtide::grid {

class Provider {
 public:
  virtual ~Provider() = default;

  // What is known before any interval is asked for: everything but the series.
  [[nodiscard]] virtual const IntensityUsed& describe() const = 0;

  // The intensity over `over`, cut to it, with all of describe().
  [[nodiscard]] virtual Result<IntensityUsed> fetch(Interval over) = 0;

  // What a user should hear once: duplicates dropped, a change of step, a constant zone, ..
  [[nodiscard]] virtual std::vector<std::string> notes() const { return {}; }
};

}  // namespace lowtide::grid
