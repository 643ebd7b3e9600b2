// Reports as text: `lowtide show` (with its chart) and `lowtide report --format text`.
#pragma once

#include <span>
#include <string>

#include "account/report.h"
#include "account/sum.h"
#include "account/timeline.h"
#include "show/text.h"

namespace lowtide::show {

// One run in full. `steps` may be empty: no chart.
[[nodiscard]] std::string report_text(const account::Report& report,
                                      std::span<const account::TimelineStep> steps,
                                      const Style& style);

// Several runs: one line each, and their sum.
[[nodiscard]] std::string reports_text(std::span<const account::Report> reports,
                                       const account::Sum& sum, const Style& style);

}  // namespace lowtide::show
