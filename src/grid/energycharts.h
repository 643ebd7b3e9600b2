// Energy-Charts (Fraunhofer ISE): intensity of European countries, 15 minutes or an hour, no key.
// docs/providers/energycharts.md.
//
// Measured values first, then forecasts in a second list; at one time what was measured wins.
// Average, CO2 equivalents; the service does not say whether life-cycle or direct.
#pragma once

#include <memory>
#include <string>

#include "grid/client.h"

namespace lowtide::grid {

[[nodiscard]] std::unique_ptr<Client> open_energycharts(const Access& access,
                                                        const Network& network,
                                                        const std::string& data_dir);

}  // namespace lowtide::grid
