// Where a run stands that a plan moves, as text and JSON.
#pragma once

#include <string>
#include <vector>

#include "record/acts.h"
#include "show/text.h"

namespace lowtide::app {

[[nodiscard]] std::string status_line(const record::Act& act);
// With its plan and what has happened so far.
[[nodiscard]] std::string status_text(const record::Act& act, const show::Style& style);
// lowtide.status/1: {"runs":[..]}.
[[nodiscard]] std::string status_json(const std::vector<record::Act>& acts);

}  // namespace lowtide::app
