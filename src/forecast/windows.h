// How far a model would have been off over whole windows of the past: its joint errors, which say
// what a plan made on it may come to. Bands (bands.h) are of each slot alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "forecast/forecaster.h"

namespace lowtide::forecast {

// So many past windows are looked at, a day apart; fewer than the least say nothing.
inline constexpr std::size_t kMostWindows = 120;
inline constexpr std::size_t kFewestWindows = 20;

struct WindowError {
  std::int64_t days_back = 0;
  // By slot: what came less what was said, in g/kWh; NaN: one of them is not known.
  std::vector<double> off;
};

// A window of `slots` that begins `late` slots after the newest that is known.
struct WindowAsk {
  std::size_t late = 0;
  std::size_t slots = 0;
};

// How many days before now the windows lie whose whole time has come, the newest first.
[[nodiscard]] std::vector<std::int64_t> days_back(const Past& past, const WindowAsk& ask);

// Of windows at the same time of day as the one that follows `past`, the newest first; each is said
// from what was known as long before it. The model is fitted once, to what was known before the
// oldest, but at least to the older half of the past.
[[nodiscard]] std::vector<WindowError> window_errors(const ForecasterKind& kind, const Past& past,
                                                     const WindowAsk& ask);

}  // namespace lowtide::forecast
