// Reports as one HTML page that needs nothing else: no request leaves it (its policy forbids any),
// style, script and charts are inside. Light and dark, print, keyboard; without scripts everything
// but the cursor of the chart is there. docs/formats/report.md.
#pragma once

#include <span>
#include <string>

#include "account/report.h"
#include "account/sum.h"
#include "account/timeline.h"

namespace lowtide::show {

// Steps of account::timeline for the chart and for the table beside it.
inline constexpr std::size_t kHtmlChartSteps = 960;
inline constexpr std::size_t kHtmlTableSteps = 24;

struct RunOverTime {
  std::span<const account::TimelineStep> chart;
  std::span<const account::TimelineStep> table;
};

// Without steps there is no chart.
[[nodiscard]] std::string report_html(const account::Report& report, const RunOverTime& time);
[[nodiscard]] std::string reports_html(std::span<const account::Report> reports,
                                       const account::Sum& sum);

}  // namespace lowtide::show
