// Memory by a model, where no counter can be read (docs/sources/dram-model.md).
//
// A constant power for each GB that the machine has, all of it idle power: src/account charges a
// job the share it has reserved. One thread, its reader's.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "host/clock.h"
#include "host/files.h"
#include "sense/meter.h"

namespace lowtide::sense {

// `why` is said in the channel's note: "RAPL has no DRAM zone here". Never fails for want of facts.
// `clock` outlives the meter.
[[nodiscard]] Result<std::unique_ptr<Meter>> open_dram_model(const host::MachineFiles& files,
                                                             const host::Clock& clock,
                                                             const std::string& why = {});

}  // namespace lowtide::sense
