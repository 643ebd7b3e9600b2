// Electricity Maps API, version 4 or 3 by the url: the flow-traced average of a zone's consumption,
// direct or life-cycle, CO2e, with a forecast. docs/providers/electricitymaps.md.
//
// The finest of 5 minutes, 15 minutes and an hour that the key may have; a note says which. What
// the provider estimated is marked so. An answer for another zone than the one asked for (the
// caller's own address, say) and the values of a test key are refused.
#pragma once

#include <memory>
#include <string>

#include "grid/client.h"
#include "host/clock.h"

namespace lowtide::grid {

// `clock` outlives it.
[[nodiscard]] std::unique_ptr<Client> make_electricitymaps(const Access& access,
                                                           const Network& network,
                                                           const host::Clock& clock);
[[nodiscard]] std::unique_ptr<Client> open_electricitymaps(const Access& access,
                                                           const Network& network,
                                                           const std::string& data_dir);

}  // namespace lowtide::grid
