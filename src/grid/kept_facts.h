// What a kept series is like over a time: how much of it is there, in which steps, with which
// holes. Pure functions of its points.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "grid/kept_series.h"

namespace lowtide::grid {

struct KeptFacts {
  std::int64_t values = 0;
  std::int64_t estimated = 0;  // of them
  std::int64_t forecast = 0;   // of them
  Duration step{};             // the most frequent
  Interval span;               // from the first value to the end of the last
  Duration covered{};
  std::vector<Interval> gaps;   // within `span`
  std::int64_t steps_lost = 0;  // that the gaps have room for
  std::optional<Intensity> lowest;
  std::optional<Intensity> mean;  // over the time that is covered
  std::optional<Intensity> highest;
  std::int64_t longest_constant = 0;  // values in a row that are equal
};

// `points` as KeptSeries::read() gives them.
[[nodiscard]] KeptFacts facts_of(std::span<const KeptPoint> points);

}  // namespace lowtide::grid
