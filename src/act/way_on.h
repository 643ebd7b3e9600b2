// The plan that a run is given each time it is planned anew: from where the job is to its deadline,
// by what is forecast. Pure.
#pragma once

#include <span>
#include <vector>

#include "act/state.h"
#include "plan/onward.h"

namespace lowtide::act {

// What a plan is made of. `intensity` begins with the slot that holds now and ends with the last
// that lies whole before the deadline.
struct Prospect {
  Utc now{};
  std::span<const Intensity> intensity;
  Energy per_slot;  // of the work that is left
  plan::Charges charges{};
  std::vector<bool> forbidden = {};  // as plan::Problem has it
};

[[nodiscard]] plan::Standing standing_of(const ActState& state);
// Slots of the work that is left; 0 when that is not known.
[[nodiscard]] std::size_t slots_left(const ActState& state);

// A job that may not be paused is given its best start, every other the exact plan; a resume begins
// its slots of restoring early, and no pause is shorter than the terms say. Where nothing is better
// than going on, or there is no slack, the plan is to run on (no_gain). Error temporary: the
// forecast has a gap, is missing.
[[nodiscard]] Result<Plan> way_on(const ActState& state, const Prospect& prospect);

}  // namespace lowtide::act
