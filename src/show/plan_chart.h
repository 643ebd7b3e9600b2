// A plan over its window as a terminal chart: the intensity, under it when each policy works, and a
// local time axis.
#pragma once

#include <string>

#include "show/plan_view.h"
#include "show/text.h"

namespace lowtide::show {

[[nodiscard]] std::string plan_chart(const PlanView& view, const Style& style);

}  // namespace lowtide::show
