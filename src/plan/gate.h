// The no-regret gate: what a plan may come to when its forecast is as wrong as earlier ones were.
//
// Errors come as whole windows (the joint band): what an hour's error does to a plan hangs on those
// of the others. docs/forecast.md says how the quantile was chosen. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "plan/problem.h"

namespace lowtide::plan {

// Of one earlier window, by slot: what came less what was said; kMissing: not known. As long as the
// problem's window and, as its intensity, with or without PUE.
using Off = std::vector<Intensity>;

// With fewer windows than these nothing is said.
inline constexpr std::size_t kFewestOff = 20;
// The quantile of the saving that must be above zero for a plan to be taken.
inline constexpr double kGateQuantile = 0.04;

// Of a plan's saving against another, as fractions of what that one costs.
struct SavedRange {
  double low = 0;   // 10 % quantile
  double high = 0;  // 90 %
  double gate = 0;  // kGateQuantile
  std::size_t windows = 0;
};

// The forecast is problem.intensity; a sum below zero counts as zero. Windows that are not known
// where one of the plans works are left out. Absent: too few are left.
[[nodiscard]] std::optional<SavedRange> saved_range(const Problem& problem, const Slots& now,
                                                    const Slots& chosen, std::span<const Off> off);

}  // namespace lowtide::plan
