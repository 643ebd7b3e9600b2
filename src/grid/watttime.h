// WattTime API v3: marginal (co2_moer) and average (co2_aoer) operating emissions rates of grid
// regions. docs/providers/watttime.md.
//
// Both count the CO2 of operating power plants: gas co2, scope direct. Marginal is at 5 minutes and
// has forecasts; average is history alone. A token is asked for by name and password, kept in
// memory, renewed when it is 25 minutes old and once when a request finds it expired.
#pragma once

#include <memory>
#include <string>

#include "grid/client.h"
#include "host/clock.h"

namespace lowtide::grid {

// `clock` outlives it.
[[nodiscard]] std::unique_ptr<Client> make_watttime(const Access& access, const Network& network,
                                                    const std::string& data_dir,
                                                    const host::Clock& clock);
[[nodiscard]] std::unique_ptr<Client> open_watttime(const Access& access, const Network& network,
                                                    const std::string& data_dir);

}  // namespace lowtide::grid
