// The end of a run in at most 15 lines, for stderr. Rounded to what the bounds justify.
#pragma once

#include <string>

#include "account/report.h"
#include "show/text.h"

namespace lowtide::show {

inline constexpr std::size_t kSummaryLines = 15;
// Modelled energy above this share is said in the first line (contract section 3).
inline constexpr double kMostlyModelled = 0.3;

// Lines of at most columns(style), each with its newline.
[[nodiscard]] std::string summary(const account::Report& report, const Style& style);

}  // namespace lowtide::show
