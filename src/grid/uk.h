// The Carbon Intensity API of Great Britain (NESO): half hours, no key. docs/providers/uk.md.
//
// Zones: `GB`, a region's number (`13`), the outward part of a postcode (`SW1A`). The country has
// `actual` for what was and `forecast` for the rest; regions have forecasts alone, marked so even
// where their time is over. Average intensity of generation, imports and losses: direct, CO2.
#pragma once

#include <memory>
#include <string>

#include "grid/client.h"

namespace lowtide::grid {

[[nodiscard]] std::unique_ptr<Client> open_uk(const Access& access, const Network& network,
                                              const std::string& data_dir);

}  // namespace lowtide::grid
