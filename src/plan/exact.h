// The plan of least carbon under all charges, and what every smaller slack would have cost.
//
// A sweep over the window's slots, a state for each count of work slots done: running, running a
// last run that is shorter than the least, and not running. Vectors run over the count
// (plan/exact_kernel.h); one bit a state remembers where it came from. Time O(work x slack), memory
// work x slack / 4 bytes. Among plans of equal cost it is the same one on every run: running on is
// preferred to pausing, and the earlier end to the later.
#pragma once

#include <vector>

#include "plan/problem.h"

namespace lowtide::plan {

struct ExactPlan {
  Slots slots;
  Carbon cost;
};

// A checked problem. Errors: absent when nothing is legal (forbidden slots leave too little room),
// malformed when it would take over 0.9 GB (window x least of work and slack x 1 to 3 bits).
[[nodiscard]] Result<ExactPlan> exact(const Problem& problem);

// Cost of the exact plan for each slack of 0 .. problem.slack(), from one sweep; NaN where nothing
// is legal.
[[nodiscard]] std::vector<Carbon> exact_for_each_slack(const Problem& problem);

}  // namespace lowtide::plan
