// A run over time in a given number of equal steps, for charts.
#pragma once

#include <optional>
#include <vector>

#include "account/report.h"
#include "series/run.h"

namespace lowtide::account {

struct TimelineStep {
  Interval span;
  std::optional<Power> power;          // charged, IT; absent: a gap
  std::optional<Intensity> intensity;  // headline signal; absent: a gap
  std::optional<Carbon> cumulative;    // operational carbon up to the end of this step
  Power modelled{};                    // of `power`: computed from a table
  Power filled{};                      // of `power`: a gap filled by a named rule
  bool partial = false;                // some counted channel was not read in this step
  RunState state = RunState::running;  // paused or waiting: for more than half of it
};

// Uses the record's samples where it carries them, else its slots. `report` is derive(record, ..).
[[nodiscard]] std::vector<TimelineStep> timeline(const RunRecord& record, const Report& report,
                                                 std::size_t steps);

}  // namespace lowtide::account
