// What sweep.h computes, window by window in plain loops of doubles: slow, and right at a glance.
// The kernels are compared with it, by tests, by a fuzz target and by the benchmark. Pure.
#pragma once

#include <span>
#include <vector>

#include "plan/sweep.h"

namespace lowtide::plan::reference {

[[nodiscard]] std::vector<Carbon> baseline_for_all(std::span<const Intensity> intensity,
                                                   std::span<const Energy> work);

[[nodiscard]] std::vector<std::vector<Carbon>> flexible_start_for_all(
    std::span<const Carbon> baseline, std::span<const std::size_t> slacks);

// The lowest slots of each window, any energies, with the count of resumes.
[[nodiscard]] LowestSlots lowest_slots_for_all(std::span<const Intensity> intensity,
                                               std::span<const Energy> work, std::size_t slack);

// The exact plan's cost, work slot by work slot and slot by slot.
[[nodiscard]] std::vector<std::vector<Carbon>> exact_for_starts(
    std::span<const Intensity> intensity, const ManyStarts& asked);

}  // namespace lowtide::plan::reference
