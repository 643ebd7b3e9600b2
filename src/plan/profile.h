// A job's energy by work slot, and an intensity series by slot: what plans are made of. Pure.
#pragma once

#include <vector>

#include "plan/problem.h"
#include "series/energy_series.h"
#include "series/intensity_series.h"

namespace lowtide::plan {

// Energy of each work slot; the last one may be partly filled and occupies a slot all the same.
using Profile = std::vector<Energy>;

// Constant power. Error malformed: no length, or a power that is negative or not finite.
[[nodiscard]] Result<Profile> flat_profile(Power power, Duration length);

// Energy over the job's own time, pauses and gaps cut out: pieces are laid end to end from slot 0
// and their energy cut at slot edges. Error malformed when there is no energy at all, or negative.
[[nodiscard]] Result<Profile> profile_of(std::span<const EnergyPiece> pieces);

// Time-weighted mean of each slot of `over`, which is widened to whole slots; a slot that is not
// covered whole is kMissing.
[[nodiscard]] std::vector<Intensity> by_slot(const IntensitySeries& series, Interval over);

}  // namespace lowtide::plan
