// Carbon: the join of the report's slots with its intensities, M, and the bounds of both.
// docs/methods.md, "Carbon" and "Bounds". Used by derive() only, in this order.
#pragma once

#include <string>
#include <vector>

#include "account/report.h"
#include "series/run.h"

namespace lowtide::account {

// Fills report.intensity from the record's series and the report's slots.
void add_intensity(const RunRecord& record, const IntensityUsed* headline, Report& report);

// Fills report.carbon and adds to its errors, parts and sources, from report.embodied too.
// `headline` may be null.
void add_carbon(const RunRecord& record, const IntensityUsed* headline, Report& report);

// Appends a text that is neither empty nor there already.
void add_once(std::vector<std::string>& list, const std::string& text);

}  // namespace lowtide::account
