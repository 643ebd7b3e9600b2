// The narrow door to NVIDIA's management library: only what a meter asks of it.
//
// The real door loads libnvidia-ml.so.1 at run time. A missing library is Error absent; a missing
// symbol makes that one call absent, never the door dead. Raw values as the driver gives them:
// millijoules since the driver was loaded, milliwatts. Calls may be slow or hang: reader's thread
// only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace lowtide::sense {

using NvmlHandle = void*;  // the driver's own, never looked into

// A MIG instance of a device.
struct NvmlPart {
  std::string uuid;
  unsigned instance = 0;  // the driver's number of it
  double share = 0;       // its slices of the device's; 0: not told
};

struct NvmlDevice {
  NvmlHandle handle = nullptr;
  unsigned index = 0;
  std::string uuid;
  std::string name;
  std::optional<Power> limit;     // the power limit in force
  std::optional<int> capability;  // CUDA's, major x 10 + minor: 80 is GA100, 90 is Hopper
  std::vector<NvmlPart> parts;
};

struct NvmlDevices {
  std::vector<NvmlDevice> devices;
  std::string refused;  // devices that exist but could not be opened, and why; may be empty
};

// A process with a context on a device.
struct NvmlHolder {
  int pid = 0;
  std::optional<unsigned> instance = std::nullopt;  // of MIG
  double busy = 0;  // SM utilisation since it was asked before: 0 to 1
};

struct NvmlHolders {
  std::vector<NvmlHolder> all;  // each pid once, ascending
  bool busy_told = false;
};

enum class NvmlPower {
  instant,  // field 186, where the driver has it (R530 and newer)
  usage,    // nvmlDeviceGetPowerUsage: a mean over 1 s on some devices
};

class NvmlDoor {
 public:
  virtual ~NvmlDoor() = default;
  [[nodiscard]] virtual Result<NvmlDevices> devices() = 0;
  // The device's handle, asked anew: after it was lost, the old one may be dead.
  [[nodiscard]] virtual Result<NvmlHandle> find(const std::string& uuid) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> energy_mj(NvmlHandle device) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> power_mw(NvmlHandle device, NvmlPower which) = 0;
  // Processes with a compute or graphics context, MPS clients included. How busy each was is asked
  // only where there are several.
  [[nodiscard]] virtual Result<NvmlHolders> holders(NvmlHandle device) = 0;
};

// Loads the library and starts it. Errors: absent (no library, no driver, no device), denied,
// temporary.
[[nodiscard]] Result<std::unique_ptr<NvmlDoor>> open_nvml_door(
    const std::string& library = "libnvidia-ml.so.1");

}  // namespace lowtide::sense
