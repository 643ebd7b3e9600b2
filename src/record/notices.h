// What a collector says of its doors and its clock: each once. One thread.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "host/clock.h"
#include "record/doors.h"
#include "record/recording.h"

namespace lowtide::record {

class Notices {
 public:
  // For a run that follows this one: it has not been told of late doors.
  void next_run() { late_said_.clear(); }
  // The doors that have not answered the last request.
  void late_doors(const Doors& doors, Recording& into, Utc now);
  // The system's clock has been set since the anchor was taken, or since the last time it was; the
  // machine has been suspended since this was last asked.
  void clocks(const host::UtcAnchor& anchor, const host::Clock& clock, Recording& into);

 private:
  void clock_step(const host::UtcAnchor& anchor, const host::Clock& clock, Recording& into);
  void suspension(Utc now, const host::Clock& clock, Recording& into);
  std::set<std::string> late_said_;
  Duration step_{};
  std::optional<Duration> slept_;
};

}  // namespace lowtide::record
