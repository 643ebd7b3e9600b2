// Where a piece of intensity came from, whatever its source; and the other of two signals. Pure.
#pragma once

#include <algorithm>
#include <optional>

#include "series/run.h"

namespace lowtide {

// Of a source that is one for the whole series, its own words.
[[nodiscard]] inline IntensityOrigin origin_of(const IntensityUsed& used,
                                               const IntensityPiece& piece) {
  if (piece.origin < used.origins.size()) return used.origins[piece.origin];
  const auto kind = read_word<IntensityKind>(used.source);
  return {used.source, used.model, kind.value_or(IntensityKind::stated), std::nullopt};
}

// The source of a forecast that lowtide made itself (grid/outlook.h).
inline constexpr const char* kOwnForecast = "forecast";

// The least sure kind among the pieces that meet `over`; absent: there are none.
[[nodiscard]] inline std::optional<IntensityKind> least_sure(const IntensityUsed& used,
                                                             Interval over) {
  std::optional<IntensityKind> least;
  for (const IntensityPiece& piece : used.series.pieces()) {
    if (piece.span.meet(over).empty()) continue;
    least = std::max(least.value_or(IntensityKind::history), origin_of(used, piece).kind);
  }
  return least;
}

[[nodiscard]] inline bool has_own_forecast(const IntensityUsed& used, Interval over) {
  return std::any_of(
      used.series.pieces().begin(), used.series.pieces().end(), [&](const IntensityPiece& piece) {
        return !piece.span.meet(over).empty() && origin_of(used, piece).source == kOwnForecast;
      });
}

[[nodiscard]] constexpr Signal other_than(Signal signal) {
  return signal == Signal::average ? Signal::marginal : Signal::average;
}

}  // namespace lowtide
