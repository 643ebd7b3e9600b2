// The policies that need no search over pauses: now, flexible start, lowest slots, double
// threshold.
//
// Each takes a checked problem (problem.h) and gives the slots of the work; absent where the policy
// has no legal plan. What it costs, charges included, is cost_of's to say. Pure.
#pragma once

#include <optional>

#include "plan/problem.h"

namespace lowtide::plan {

// Contiguous from slot 0. Absent: a forbidden slot is in the way.
[[nodiscard]] std::optional<Slots> run_now(const Problem& problem);

// The earliest unbroken run that meets no forbidden slot: what running now is where it may not.
[[nodiscard]] std::optional<Slots> earliest_run(const Problem& problem);

// The contiguous placement of least cost under the stated charges; ties: the earliest. Costs nearer
// to each other than 1e-12 are equal.
[[nodiscard]] std::optional<Slots> flexible_start(const Problem& problem);

// The paper's Pause and Resume: the slots of lowest intensity that are not forbidden, ties: the
// earlier, run in order of time. Knows neither the profile nor the charges, so with restore time or
// a least run or pause it may be illegal (why_illegal).
[[nodiscard]] std::optional<Slots> lowest_slots(const Problem& problem);

// Without a forecast: runs while the intensity is under a threshold, pauses above a higher one; the
// level is the quantile work/window of `history` (the slots before slot 0, newest last, gaps left
// out), and the two are apart by what a resume costs. Least runs and pauses are kept, and work goes
// on when the slack is gone. Absent: no history, or forbidden slots leave no room at the end.
[[nodiscard]] std::optional<Slots> double_threshold(const Problem& problem,
                                                    std::span<const Intensity> history);

}  // namespace lowtide::plan
