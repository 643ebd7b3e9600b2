// The last resort: the mean intensity of a year, from annual.csv (Ember, eGRID, ..).
//
// g CO2e/kWh, average; scope as the row says. The zone's own row, else its country's, else the
// world's. It neither rises nor falls, so nothing can be planned on it.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "grid/provider.h"

namespace lowtide::grid {

// `base` carries zone, place and signal; `country` is of the place and may be empty. The answer
// keeps base.zone and says in `model` whose mean it is. Errors: absent (no table), malformed.
[[nodiscard]] Result<std::unique_ptr<Provider>> open_annual(const std::string& data_dir,
                                                            const std::string& country,
                                                            IntensityUsed base);

}  // namespace lowtide::grid
