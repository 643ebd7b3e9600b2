// The regions of a plan, as text: a table, the best first, and what to make of it.
#pragma once

#include <string>

#include "show/plan_view.h"
#include "show/text.h"

namespace lowtide::show {

// Empty where no region was asked for.
[[nodiscard]] std::string plan_regions_text(const PlanView& view, const Style& style);

}  // namespace lowtide::show
