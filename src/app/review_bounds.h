// How far what a shift took off is known: from what is known of the errors of its series.
#pragma once

#include "plan/problem.h"
#include "show/review_view.h"

namespace lowtide::app {

// Sets range, its note and basis, and the finding. `problem` is the one that the review priced by.
void add_bounds(const plan::Problem& problem, const plan::Slots& ran, show::ReviewOn& on);

}  // namespace lowtide::app
