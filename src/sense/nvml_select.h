// Which GPUs of this machine a job is metered on. Pure.
//
// The user's own words first (--gpus), then CUDA_VISIBLE_DEVICES as CUDA reads it, else every
// device: then those count on which the job's processes hold a context (Batch::holders).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lowtide::sense {

struct GpuIdentity {
  std::string uuid;  // "GPU-..."
  std::string name;
  std::vector<std::string> mig_uuids;  // "MIG-...": the parts of this device
};

struct GpuWish {
  std::optional<std::string> gpus;          // --gpus: "all", "none", "0,1", "GPU-12ab"
  std::optional<std::string> cuda_visible;  // CUDA_VISIBLE_DEVICES; absent: not set
  std::string cuda_order;                   // CUDA_DEVICE_ORDER
};

struct GpuChoice {
  std::vector<std::size_t> chosen;  // indices into the devices, ascending, each once
  std::optional<Error> missing;     // --gpus named it beside others, and it is not here
  std::string note;                 // what a reader of the figures should know; may be empty
};

// Error usage only for --gpus, where nothing that it names is here. CUDA_VISIBLE_DEVICES never
// fails: as in CUDA, the first entry that names nothing ends the list.
[[nodiscard]] Result<GpuChoice> choose_gpus(std::span<const GpuIdentity> devices,
                                            const GpuWish& wish);

}  // namespace lowtide::sense
