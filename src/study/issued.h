// Every forecast that a model would have issued, an hour apart, over a span of the past. Pure.
//
// The model is fitted anew every `refit` from what was known then; the forecast of a moment is made
// from the slots before it. Slots count from the history's first.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/time.h"
#include "forecast/bands.h"

namespace lowtide::study {

struct IssueAsk {
  forecast::Past past;    // all that is known, to judge by
  std::size_t first = 0;  // slots: the first forecast, on an hour
  std::size_t end = 0;    // and before which the last is issued
  std::size_t ahead = 0;  // slots of each
  double level = 0.8;     // of the bands
  Duration refit = std::chrono::days(28);
};

// What is looked at as it is issued: the slot and the forecast.
using Seen = std::function<void(std::size_t slot, const forecast::Forecast& said)>;

class Issued {
 public:
  // Errors of none: a slot that could not be forecast is unknown.
  Issued(const IssueAsk& ask, const forecast::ForecasterKind& kind, const Seen& seen);
  // The truth instead of a forecast: the oracle.
  explicit Issued(const IssueAsk& ask);

  // From `slot`, which is on an hour of the span. As long as was asked.
  [[nodiscard]] std::span<const Intensity> at(std::size_t slot) const;
  // What came less what was said `lead` slots after `slot`, in g/kWh; NaN: not known.
  [[nodiscard]] double error(std::size_t slot, std::size_t lead) const;
  [[nodiscard]] std::size_t first() const { return ask_.first; }

 private:
  IssueAsk ask_;
  std::size_t every_;  // slots of an hour
  std::vector<Intensity> said_;
};

[[nodiscard]] inline std::size_t slots_of_hour(Duration step) {
  return static_cast<std::size_t>(std::chrono::hours(1) / step);
}

}  // namespace lowtide::study
