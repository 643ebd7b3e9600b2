// A run over time as an SVG inside an HTML page: power (by how it is known), intensity and
// cumulative carbon with its interval, one above the other over one axis of local time. A gap stays
// empty and is marked. For show alone.
#pragma once

#include <span>
#include <string>

#include "account/report.h"
#include "account/timeline.h"

namespace lowtide::show {

// With legend, readout, and the series as JSON for the page's script.
[[nodiscard]] std::string html_chart(const account::Report& report,
                                     std::span<const account::TimelineStep> steps);

}  // namespace lowtide::show
