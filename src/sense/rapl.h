// CPU packages and DRAM by RAPL, through the kernel's powercap files (docs/sources/rapl.md).
//
// Counters in microjoules that wrap at max_energy_range_uj; stamped in boot time at the read
// itself. A file that is replaced is opened anew. psys is recorded and never in a total: it holds
// the packages. One thread, its reader's.
#pragma once

#include <memory>

#include "base/result.h"
#include "host/clock.h"
#include "host/files.h"
#include "sense/meter.h"

namespace lowtide::sense {

// Errors: absent (no powercap tree, or no package in it), denied (no zone may be read; `hint` has
// the command that grants it). A zone that alone is denied stays a channel, with its gap.
// `clock` outlives the meter.
[[nodiscard]] Result<std::unique_ptr<Meter>> open_rapl(const host::MachineFiles& files,
                                                       const host::Clock& clock);

}  // namespace lowtide::sense
