// The EIA's hourly grid monitor (EIA-930): intensity from the generation mix of a US balancing
// authority or region. Needs a key. docs/providers/eia.md.
//
// An hour's label is its end. The mix is turned into intensity by stated factors (grid/mix.h); an
// hour whose sources sum to less than 90 % of the net generation, or without either, has no value.
// Average, CO2e, life-cycle or direct as asked; production-based.
#pragma once

#include <memory>
#include <string>

#include "grid/client.h"

namespace lowtide::grid {

[[nodiscard]] std::unique_ptr<Client> open_eia(const Access& access, const Network& network,
                                               const std::string& data_dir);

}  // namespace lowtide::grid
