// Typical intensity of a zone by UTC month, day type and UTC hour: typical_odbl.csv.
//
// g CO2e/kWh, average, life-cycle, means of one named year (docs/adr/0010-typical-intensity.md).
// The text is passed over once and only the wanted zone's lines are read: well under 1 ms.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "grid/provider.h"

namespace lowtide::grid {

// What the licence asks to be said wherever the data is shown.
inline constexpr std::string_view kTypicalLicence =
    "Electricity Maps (electricitymaps.com), ODbL 1.0";

// `base` carries zone, place and signal. Errors: absent when the file or the zone's rows are not
// there; malformed with file, line and field.
[[nodiscard]] Result<std::unique_ptr<Provider>> open_typical(const std::string& data_dir,
                                                             IntensityUsed base);

}  // namespace lowtide::grid
