// The ENTSO-E transparency platform: intensity from the actual generation per type (A75, A16) of a
// bidding zone, control area or country of Europe. Needs a token. docs/providers/entsoe.md.
//
// Zones are EIC codes (data/provider_zones.csv). Curves of kind A03 leave out what did not change.
// Generation is turned into intensity by stated factors (grid/mix.h); an interval without a source
// that the answer has elsewhere, and that gave more than a tenth there, has no value. Average,
// CO2e, life-cycle or direct as asked; production-based.
#pragma once

#include <memory>
#include <string>

#include "grid/client.h"

namespace lowtide::grid {

[[nodiscard]] std::unique_ptr<Client> open_entsoe(const Access& access, const Network& network,
                                                  const std::string& data_dir);

}  // namespace lowtide::grid
