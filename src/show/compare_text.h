// `lowtide compare` on the terminal: spread over starts by zone, months, hours, the best, and what
// the figures leave out.
#pragma once

#include <string>

#include "account/report.h"
#include "show/text.h"
#include "study/compare.h"

namespace lowtide::show {

// `all`: every zone; else the best ones, the run's own and the last ones.
[[nodiscard]] std::string compare_text(const account::Report& report,
                                       const study::Comparison& comparison, bool all,
                                       const Style& style);

}  // namespace lowtide::show
