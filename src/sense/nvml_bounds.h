// How far NVIDIA's figures may be off: docs/accuracy.md with its references. Pure.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "base/words.h"
#include "sense/nvml_door.h"
#include "series/run.h"

namespace lowtide::sense {

// The window over which nvmlDeviceGetPowerUsage averages on this device: 1 s on Ampere (except
// GA100) and newer, none before. Absent: the driver does not tell what the device is.
[[nodiscard]] std::optional<Duration> power_usage_window(std::optional<int> capability);

// More than this device draws: a counter that implies more is refused.
[[nodiscard]] Power nvml_ceiling(const NvmlDevice& device);

[[nodiscard]] std::vector<ErrorTerm> nvml_error_terms(const NvmlDevice& device, Source source);

}  // namespace lowtide::sense
