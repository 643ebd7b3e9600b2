// Where a piece of intensity came from, whatever its source; and the other of two signals. Pure.
#pragma once

#include "series/run.h"

namespace lowtide {

// Of a source that is one for the whole series, its own words.
[[nodiscard]] inline IntensityOrigin origin_of(const IntensityUsed& used,
                                               const IntensityPiece& piece) {
  if (piece.origin < used.origins.size()) return used.origins[piece.origin];
  const auto kind = read_word<IntensityKind>(used.source);
  return {used.source, used.model, kind.value_or(IntensityKind::stated), std::nullopt};
}

[[nodiscard]] constexpr Signal other_than(Signal signal) {
  return signal == Signal::average ? Signal::marginal : Signal::average;
}

}  // namespace lowtide
