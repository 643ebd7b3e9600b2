// JSON of a plan: lowtide.plan/1. docs/formats/plan.md has every key. Numbers are not rounded,
// times are UTC with milliseconds, unknown is null, never absent.
#pragma once

#include <string>

#include "show/plan_view.h"

namespace lowtide::show {

[[nodiscard]] std::string plan_json(const PlanView& view);  // ends in a newline

}  // namespace lowtide::show
