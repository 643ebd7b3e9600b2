// The largest contributor to the bounds of a run, and what would shrink it here.
//
// Causes add as root sum square, so a cause's share of the whole width is that of its square. The
// remedies are a table of facts (largest.cc): what works on the machine that ran the job, and
// nothing where nothing does. Pure.
#pragma once

#include <optional>

#include "account/report.h"

namespace lowtide::account {

// Of the carbon's bounds where they are known, else of the energy's. Nothing where there are none.
[[nodiscard]] std::optional<LargestError> largest_error(const Report& report);

}  // namespace lowtide::account
