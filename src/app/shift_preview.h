// `lowtide run --dry-run`: the first plan of a run that would be moved, and nothing else.
#pragma once

#include <string>

#include "app/run_request.h"
#include "app/shift_plan.h"

namespace lowtide::app {

// Text, or with --json FILE also `lowtide.plan/1`; `-` prints that instead. The command in it is
// the one that was typed. The exit status.
[[nodiscard]] int preview(FirstPlan first, const RunFlags& flags);

}  // namespace lowtide::app
