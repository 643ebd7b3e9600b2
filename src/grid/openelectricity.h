// Open Electricity (Australia, formerly OpenNEM): emissions over energy of a network's region, 5
// minutes or an hour. Needs a key. docs/providers/openelectricity.md.
//
// Zones: NSW1 QLD1 SA1 TAS1 VIC1 (regions of NEM), NEM, WEM. Both metrics come from one call; t per
// MWh is 1000 g/kWh. The service takes times of the network's own zone, without daylight saving.
// Average, CO2e, direct; production-based.
#pragma once

#include <memory>
#include <string>

#include "grid/client.h"

namespace lowtide::grid {

[[nodiscard]] std::unique_ptr<Client> open_openelectricity(const Access& access,
                                                           const Network& network,
                                                           const std::string& data_dir);

}  // namespace lowtide::grid
