// Several sources in order: the first that covers an interval wins, piece by piece.
//
// The answer says of each piece which source it is of (IntensityUsed::origins) and, in `source` and
// `model`, which of them it has. Sources of another gas or scope than the first that answers are
// left out and said: unlike series are never joined. `fallback`: a piece is not of the first in the
// list. `provisional`: a piece of a provider is not final, or stands where the first has none yet.
#pragma once

#include <memory>
#include <vector>

#include "grid/provider.h"

namespace lowtide::grid {

// At least one; all of one place and signal.
[[nodiscard]] std::unique_ptr<Provider> make_ordered(
    std::vector<std::unique_ptr<Provider>> sources);

}  // namespace lowtide::grid
