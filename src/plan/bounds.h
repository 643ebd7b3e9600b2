// What no plan can beat. Pure.
#pragma once

#include <optional>

#include "plan/problem.h"

namespace lowtide::plan {

// The largest energies on the lowest intensities, in any order; charges and forbidden slots are
// ignored. Never above any plan's cost.
[[nodiscard]] Carbon bound_any_order(const Problem& problem);

// For work of equal energy in each slot: the count of work slots is dropped and priced instead, at
// the best price (the dual is concave in it). Knows the resume charge; never above the exact cost.
// Absent where the profile is not flat.
[[nodiscard]] std::optional<Carbon> bound_multiplier(const Problem& problem);

}  // namespace lowtide::plan
