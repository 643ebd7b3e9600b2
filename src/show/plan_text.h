// A plan for people: the chart, the policies side by side, what was assumed, the verdict and the
// command. Times are local.
#pragma once

#include <string>

#include "show/plan_view.h"
#include "show/text.h"

namespace lowtide::show {

[[nodiscard]] std::string plan_text(const PlanView& view, const Style& style);

}  // namespace lowtide::show
