// The exact plan of what is left of a job, from where it is. Pure.
//
// A problem whose slot 0 is now and whose work is what is left. Has the job begun, its first start
// is not free: running, only going on at once is; paused, every start is a resume, restoring
// included. The least run and the least pause count as kept so far. The pause that a running job
// begins now costs no pause energy (it would fall into a slot before the window).
#pragma once

#include "plan/problem.h"

namespace lowtide::plan {

enum class Standing { not_begun, running, paused };

// Errors of check() and exact(): absent when nothing is legal.
[[nodiscard]] Result<Slots> exact_from(const Problem& problem, Standing standing);

// What going on in these slots costs from now on.
[[nodiscard]] Carbon cost_from(const Problem& problem, Standing standing, const Slots& slots);

}  // namespace lowtide::plan
