// `lowtide plan`: from a question to all that is to be said of its answer.
#pragma once

#include "app/plan_request.h"
#include "base/result.h"
#include "show/plan_view.h"

namespace lowtide::app {

// What lies before the window and is asked for with it: the double threshold learns its level
// there.
inline constexpr Duration kPlanHistory = std::chrono::days(7);

// `now` is the clock's: what lies before it cannot be started any more. Errors: absent (the series
// has a hole in the window, named), usage (too large), no_plan (with the earliest end that would
// do).
[[nodiscard]] Result<show::PlanView> answer(PlanRequest request, Utc now);

}  // namespace lowtide::app
