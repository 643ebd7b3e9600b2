// What is known of the intensity that was, and what its provider said would be: for who forecasts.
#pragma once

#include <optional>

#include "base/result.h"
#include "forecast/history.h"
#include "series/run.h"

namespace lowtide::grid {

// History, values somebody stated, estimates: no typical year, no annual mean, no forecast.
[[nodiscard]] bool is_past(IntensityKind kind);

struct KnownPast {
  forecast::History history;  // up to its newest known slot
  double coverage = 0;        // of its slots
};
// Of `used`, within `over`. Absent: nothing is known there.
[[nodiscard]] std::optional<KnownPast> known_past(const IntensityUsed& used, Interval over);

// What a provider said, by the begin of `over` at the latest, of the time from then on.
struct ProvidersForecast {
  IntensityOrigin origin;  // of the newest
  forecast::History slots;
  bool whole = false;  // covers all slots that begin in `over`
};
[[nodiscard]] std::optional<ProvidersForecast> providers_forecast(const IntensityUsed& used,
                                                                  Interval over);

}  // namespace lowtide::grid
