// What `lowtide doctor` asks of NVIDIA's management library beyond metering: which file it is, and
// which versions. Loads and starts it; the call may be slow or hang. No state.
#pragma once

#include <string>

#include "base/result.h"

namespace lowtide::sense {

struct NvmlProbe {
  std::string path;     // the file that was loaded
  std::string driver;   // "580.65.06"; empty: it does not say
  std::string library;  // "13.580.65.06"; empty: it does not say
};

// Errors as open_nvml_door.
[[nodiscard]] Result<NvmlProbe> probe_nvml(const std::string& library = "libnvidia-ml.so.1");

}  // namespace lowtide::sense
