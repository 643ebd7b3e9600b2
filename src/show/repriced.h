// A report beside what it was: `report --reprice`.
#pragma once

#include <string>

#include "account/report.h"
#include "show/json_values.h"
#include "show/text.h"

namespace lowtide::show {

// Carbon, intensity and SCI before and now, the difference, and which series each is of.
[[nodiscard]] std::string repriced_text(const account::Report& before, const account::Report& now,
                                        const Style& style);
// `repriced` of lowtide.report/1 (docs/formats/report.md).
[[nodiscard]] Json repriced_json(const account::Report& before, const account::Report& now);

}  // namespace lowtide::show
