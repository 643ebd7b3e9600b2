// The same job planned in other regions: each with its own best plan, and which of them may take
// it.
#pragma once

#include "app/plan_request.h"
#include "base/result.h"
#include "plan/problem.h"
#include "show/plan_view.h"

namespace lowtide::app {

// Places and rules of the flags into the request; nothing where no region is asked for. Errors:
// usage (an unknown place or cloud, rules without places), and those of the rules' files.
[[nodiscard]] Result<void> read_regions(const PlanFlags& flags, PlanRequest& request);

// Fills the view's regions. `home` is the question as it was answered, PUE included; elsewhere the
// shipped typical year is the intensity, with the region's own PUE.
void add_regions(const PlanRequest& request, const plan::Problem& home, show::PlanView& view);

}  // namespace lowtide::app
