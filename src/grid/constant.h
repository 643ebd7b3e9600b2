// A constant intensity that the user states: `475g/kWh`, `475 gCO2e/kWh`.
//
// A plain number, held for all time. It is taken as given: no error bound is known, its scope is
// not said, and it answers for whichever signal was asked for.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "grid/provider.h"

namespace lowtide::grid {

struct StatedIntensity {
  Intensity value;
  Gas gas = Gas::co2e;  // `gCO2/kWh` says co2; everything else is co2e
};

// True when `text` begins like a number, so that it can only be meant as a constant.
[[nodiscard]] bool looks_like_constant(std::string_view text);

// Error malformed for another unit, a negative or infinite number.
[[nodiscard]] Result<StatedIntensity> parse_constant(std::string_view text);

// A provider of one value for all time; `used` is what it describes.
[[nodiscard]] std::unique_ptr<Provider> make_flat(Intensity value, Quality quality,
                                                  IntensityUsed used);

// `base` carries zone, place and signal.
[[nodiscard]] std::unique_ptr<Provider> make_constant(StatedIntensity stated, IntensityUsed base);

}  // namespace lowtide::grid
