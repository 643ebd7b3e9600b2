// NVIDIA GPUs through NVML (docs/sources/nvml.md): one channel a device, known by its UUID.
//
// Per device the best source it has: the energy counter (millijoules), else instantaneous power
// (field 186), else nvmlDeviceGetPowerUsage, shifted by half the second it averages over on newer
// devices. Counters want to be read once a second; polled power each 20 ms while a round of polls
// costs under 1 ms, else each 100 ms, the rate at which devices update it. Stamped in boot time at
// each call. One thread, its reader's: any call here may be slow or hang.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "host/clock.h"
#include "sense/meter.h"
#include "sense/nvml_door.h"
#include "sense/nvml_select.h"

namespace lowtide::sense {

struct NvmlOptions {
  GpuWish wish;
  std::string library = "libnvidia-ml.so.1";
};

// Opens the driver (seconds on a cold machine) and looks at its devices; for the reader's thread.
// Errors: absent (no driver, no GPU, or none that the job may see), denied, usage (--gpus names no
// device). `clock` outlives the meter.
[[nodiscard]] Result<std::unique_ptr<Meter>> open_nvml(const NvmlOptions& options,
                                                       const host::Clock& clock);

// The same behind a door that is already open.
[[nodiscard]] Result<std::unique_ptr<Meter>> make_nvml(std::unique_ptr<NvmlDoor> door,
                                                       const GpuWish& wish,
                                                       const host::Clock& clock);

}  // namespace lowtide::sense
