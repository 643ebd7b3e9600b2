// JSON of reports: lowtide.report/1, lowtide.reports/1, lowtide.runs/1. docs/formats/report.md has
// every key. Numbers are not rounded, times are UTC with milliseconds, unknown is null, never
// absent.
#pragma once

#include <span>
#include <string>

#include "account/report.h"
#include "account/sum.h"

namespace lowtide::show {

struct JsonOptions {
  bool samples = false;                     // report.samples must hold them
  const account::Report* before = nullptr;  // what it was before it was priced again
};

// Each text ends in a newline.
[[nodiscard]] std::string report_json(const account::Report& report, JsonOptions options = {});
[[nodiscard]] std::string reports_json(std::span<const account::Report> reports,
                                       const account::Sum& sum, JsonOptions options = {});
[[nodiscard]] std::string runs_json(std::span<const account::Report> reports);

}  // namespace lowtide::show
