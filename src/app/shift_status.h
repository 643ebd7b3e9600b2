// Where a run stands that a plan moves, as text and JSON.
#pragma once

#include <string>
#include <vector>

#include "record/acts.h"
#include "show/live.h"
#include "show/text.h"

namespace lowtide::app {

// What comes next for a run, and when: "runs, pauses at 14:05 (in 2 h 10 min)"; empty where no plan
// moves it.
[[nodiscard]] show::Next next_of(const std::string& run);
[[nodiscard]] std::string status_line(const record::Act& act, const std::string& name = {});
// With its plan and what has happened so far.
[[nodiscard]] std::string status_text(const record::Act& act, const show::Style& style);
// lowtide.status/1: {"runs":[..]}.
[[nodiscard]] std::string status_json(const std::vector<record::Act>& acts);

}  // namespace lowtide::app
