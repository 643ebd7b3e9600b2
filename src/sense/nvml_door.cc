#include "sense/nvml_door.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "sense/nvml_abi.h"

namespace lowtide::sense {
namespace {

using namespace nvml;  // NOLINT(google-build-using-namespace): the names of the interface

tl::unexpected<Error> nvml_error(Code code, std::string where) {
  switch (code) {
    case kNotSupported:
    case kFunctionNotFound:
      return fail(ErrorKind::absent, "the driver does not give this", std::move(where));
    case kUninitialized:
    case kDriverNotLoaded:
      return fail(ErrorKind::absent, "the NVIDIA driver is not loaded", std::move(where),
                  "see: nvidia-smi");
    case kNoPermission:
      return fail(ErrorKind::denied, "no permission to talk to the NVIDIA driver", std::move(where),
                  "look at the owner and mode of /dev/nvidia*");
    case kVersionMismatch:
      return fail(ErrorKind::absent, "the NVIDIA driver and its library differ in version",
                  std::move(where), "reboot, or load the driver anew");
    case kGpuIsLost:
      return fail(ErrorKind::temporary, "the GPU is lost", std::move(where),
                  "see the kernel's log for Xid messages");
    default:
      return fail(ErrorKind::temporary, fmt::format("NVML error {}", code), std::move(where));
  }
}

tl::unexpected<Error> no_symbol(std::string where) {
  return fail(ErrorKind::absent, "this libnvidia-ml has no such call", std::move(where));
}

std::string text_of(Text* call, NvmlHandle device) {
  std::array<char, kTextSize> text{};
  if (call == nullptr || call(device, text.data(), kTextSize) != kSuccess) return {};
  text.back() = '\0';
  return text.data();
}

// Absent below zero and for NaN.
template <typename Number>
std::optional<std::uint64_t> not_negative(Number value) {
  return value >= 0 ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
}

// The value of a field as a whole number; nothing for a type that a power cannot have.
std::optional<std::uint64_t> number_of(const FieldValue& field) {
  switch (field.type) {
    case 0:
      return not_negative(field.value.d);
    case 1:
      return field.value.u32;
    case 2:
      return field.value.ul;
    case 3:
      return field.value.u64;
    case 4:
      return not_negative(field.value.s64);
    case 5:
      return not_negative(field.value.s32);
    case 6:
      return field.value.u16;
    default:
      return std::nullopt;
  }
}

// NVML_DEVICE_ARCH_*: 2 Kepler, 3 Maxwell, 4 Pascal, 5 Volta, 6 Turing, 7 Ampere, 8 Ada, 9 Hopper,
// 10 Blackwell. Within Ampere, GA100 is known by the names of its cards.
std::optional<int> capability_of_architecture(unsigned architecture, const std::string& name) {
  constexpr std::array<int, 11> kCapability = {0, 0, 30, 50, 60, 70, 75, 86, 89, 90, 100};
  constexpr unsigned kAmpere = 7;
  constexpr unsigned kUnknown = 0xffffffff;
  if (architecture < 2 || architecture == kUnknown) return std::nullopt;
  if (architecture >= kCapability.size()) return kCapability.back();
  if (architecture == kAmpere) {
    for (const std::string_view card : {"A100", "A800", "NVIDIA A30", "GRID A100", "CMP 170HX"}) {
      const std::size_t found = name.find(card);
      if (found == std::string::npos) continue;
      const char next = found + card.size() < name.size() ? name[found + card.size()] : ' ';
      if (next < '0' || next > '9') return 80;  // "A30", not "A3000"
    }
  }
  return kCapability[architecture];
}

class LoadedNvml final : public NvmlDoor {
 public:
  explicit LoadedNvml(const Symbols& symbols) : nvml_(symbols) {}

  [[nodiscard]] Result<NvmlDevices> devices() override {
    if (nvml_.count == nullptr || nvml_.by_index == nullptr || nvml_.uuid == nullptr) {
      return no_symbol("nvmlDeviceGetCount_v2");
    }
    unsigned count = 0;
    if (const Code code = nvml_.count(&count); code != kSuccess) {
      return nvml_error(code, "nvmlDeviceGetCount_v2");
    }
    NvmlDevices found;
    for (unsigned i = 0; i < count; ++i) {
      NvmlHandle handle = nullptr;
      const Code code = nvml_.by_index(i, &handle);
      if (code == kSuccess) {
        found.devices.push_back(look_at(handle, i));
      } else if (code != kNoPermission) {  // a device that this container may not use is not ours
        if (!found.refused.empty()) found.refused += "; ";
        found.refused += nvml_error(code, fmt::format("GPU {}", i)).value().line();
      }
    }
    return found;
  }

  [[nodiscard]] Result<NvmlHandle> find(const std::string& uuid) override {
    if (nvml_.by_uuid == nullptr) return no_symbol("nvmlDeviceGetHandleByUUID");
    NvmlHandle handle = nullptr;
    const Code code = nvml_.by_uuid(uuid.c_str(), &handle);
    if (code != kSuccess) return nvml_error(code, uuid);
    return handle;
  }

  [[nodiscard]] Result<std::uint64_t> energy_mj(NvmlHandle device) override {
    constexpr const char* kCall = "nvmlDeviceGetTotalEnergyConsumption";
    if (nvml_.energy == nullptr) return no_symbol(kCall);
    unsigned long long mj = 0;
    const Code code = nvml_.energy(device, &mj);
    if (code != kSuccess) return nvml_error(code, kCall);
    return mj;
  }

  [[nodiscard]] Result<std::uint64_t> power_mw(NvmlHandle device, NvmlPower which) override {
    if (which == NvmlPower::instant) return instant_mw(device);
    constexpr const char* kCall = "nvmlDeviceGetPowerUsage";
    if (nvml_.power == nullptr) return no_symbol(kCall);
    unsigned mw = 0;
    const Code code = nvml_.power(device, &mw);
    if (code != kSuccess) return nvml_error(code, kCall);
    return mw;
  }

  [[nodiscard]] Result<NvmlHolders> holders(NvmlHandle device) override {
    NvmlHolders found;
    bool told = false;
    for (Processes* call : nvml_.holders) {
      if (call == nullptr) continue;
      const Code code = add_processes(call, device, found.all);
      // Graphics and MPS lists are not supported everywhere; one list that answers will do.
      if (code == kSuccess) told = true;
      if (code != kSuccess && code != kNotSupported && code != kFunctionNotFound) {
        return nvml_error(code, "processes on the GPU");
      }
    }
    if (!told) return nvml_error(kNotSupported, "processes on the GPU");
    std::vector<NvmlHolder>& all = found.all;
    std::sort(all.begin(), all.end(),
              [](const NvmlHolder& a, const NvmlHolder& b) { return a.pid < b.pid; });
    const auto same = [](const NvmlHolder& a, const NvmlHolder& b) { return a.pid == b.pid; };
    all.erase(std::unique(all.begin(), all.end(), same), all.end());
    if (all.size() > 1) found.busy_told = add_busy(device, all);
    return found;
  }

 private:
  [[nodiscard]] NvmlDevice look_at(NvmlHandle handle, unsigned index) const {
    NvmlDevice device;
    device.handle = handle;
    device.index = index;
    device.uuid = text_of(nvml_.uuid, handle);
    if (device.uuid.empty()) device.uuid = fmt::format("nvml-index-{}", index);
    device.name = text_of(nvml_.name, handle);
    for (Number* call : {nvml_.enforced_limit, nvml_.limit}) {
      unsigned mw = 0;
      if (device.limit || call == nullptr || call(handle, &mw) != kSuccess || mw == 0) continue;
      device.limit = watts(mw * 1e-3);
    }
    device.capability = capability_of(handle, device.name);
    add_parts(device);
    return device;
  }

  [[nodiscard]] std::optional<int> capability_of(NvmlHandle handle, const std::string& name) const {
    int major = 0;
    int minor = 0;
    if (nvml_.capability != nullptr && nvml_.capability(handle, &major, &minor) == kSuccess) {
      return major * 10 + minor;
    }
    unsigned architecture = 0;
    if (nvml_.architecture == nullptr || nvml_.architecture(handle, &architecture) != kSuccess) {
      return std::nullopt;
    }
    return capability_of_architecture(architecture, name);
  }

  void add_parts(NvmlDevice& device) const {
    unsigned parts = 0;
    if (nvml_.mig_count == nullptr || nvml_.mig_part == nullptr) return;
    if (nvml_.mig_count(device.handle, &parts) != kSuccess) return;
    for (unsigned i = 0; i < parts; ++i) {
      NvmlHandle handle = nullptr;
      if (nvml_.mig_part(device.handle, i, &handle) != kSuccess) continue;
      NvmlPart part{text_of(nvml_.uuid, handle), kNoInstance, 0};
      if (part.uuid.empty()) continue;
      if (nvml_.instance != nullptr) nvml_.instance(handle, &part.instance);
      Attributes about{};
      if (nvml_.attributes != nullptr && nvml_.attributes(handle, &about) == kSuccess) {
        // As many parts as there are slices, when each has one.
        part.share = std::min(1.0, static_cast<double>(about.gpu_slices) / parts);
      }
      device.parts.push_back(std::move(part));
    }
  }

  [[nodiscard]] Result<std::uint64_t> instant_mw(NvmlHandle device) const {
    constexpr const char* kCall = "nvmlDeviceGetFieldValues";
    if (nvml_.fields == nullptr) return no_symbol(kCall);
    FieldValue field;
    field.field = kFieldPowerInstant;
    Code code = nvml_.fields(device, 1, &field);
    if (code == kSuccess) code = field.code;
    if (code != kSuccess) return nvml_error(code, kCall);
    if (const auto mw = number_of(field)) return *mw;
    return fail(ErrorKind::malformed, "field 186 is not a power", kCall);
  }

  static Code add_processes(Processes* call, NvmlHandle device, std::vector<NvmlHolder>& all) {
    std::vector<ProcessInfo> infos(64);
    auto count = static_cast<unsigned>(infos.size());
    Code code = call(device, &count, infos.data());
    if (code == kInsufficientSize) {
      infos.resize(2UL * count);  // some may start between the two calls
      count = static_cast<unsigned>(infos.size());
      code = call(device, &count, infos.data());
    }
    for (unsigned i = 0; code == kSuccess && i < count; ++i) {
      NvmlHolder holder{static_cast<int>(infos[i].pid), std::nullopt, 0};
      if (infos[i].gpu_instance != kNoInstance) holder.instance = infos[i].gpu_instance;
      all.push_back(holder);
    }
    return code;
  }

  // False where the driver does not tell. It names only those that did something.
  bool add_busy(NvmlHandle device, std::vector<NvmlHolder>& all) {
    if (nvml_.process_uses == nullptr) return false;
    unsigned long long& since = told_until_us_[device];
    std::vector<ProcessUse> uses(all.size() + 16);
    auto count = static_cast<unsigned>(uses.size());
    Code code = nvml_.process_uses(device, uses.data(), &count, since);
    if (code == kInsufficientSize) {
      uses.resize(2UL * count);
      count = static_cast<unsigned>(uses.size());
      code = nvml_.process_uses(device, uses.data(), &count, since);
    }
    if (code == kNotFound) return true;
    if (code != kSuccess) return false;
    for (unsigned i = 0; i < count; ++i) {
      since = std::max(since, uses[i].time_us);
      const auto holder = std::find_if(all.begin(), all.end(), [&](const NvmlHolder& candidate) {
        return candidate.pid == static_cast<int>(uses[i].pid);
      });
      // Drivers are known to hand out what they never wrote: no utilisation is above 100.
      if (holder != all.end() && uses[i].sm <= 100) holder->busy = uses[i].sm * 0.01;
    }
    return true;
  }

  std::map<NvmlHandle, unsigned long long> told_until_us_;
  Symbols nvml_;
};

}  // namespace

Result<std::unique_ptr<NvmlDoor>> open_nvml_door(const std::string& library) {
  const auto lib = host::DynamicLibrary::open(library);
  if (!lib) return tl::unexpected(lib.error());
  const Symbols symbols(*lib);
  if (symbols.init == nullptr) return no_symbol(library + ": nvmlInit_v2");
  const Code code = symbols.init();
  if (code != kSuccess) return nvml_error(code, library);
  return std::make_unique<LoadedNvml>(symbols);
}

}  // namespace lowtide::sense
