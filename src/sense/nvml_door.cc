#include "sense/nvml_door.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "host/dynlib.h"

namespace lowtide::sense {
namespace {

// The part of NVML's binary interface that is used here, from NVIDIA's public API reference
// (docs.nvidia.com/deploy/nvml-api, R580, 2025), checked against nvml.h 13.0. Layouts are fixed:
// NVIDIA changes them only under a new name (_v2, _v3).
using Code = int;

constexpr Code kSuccess = 0;
constexpr Code kUninitialized = 1;
constexpr Code kNotSupported = 3;
constexpr Code kNoPermission = 4;
constexpr Code kInsufficientSize = 7;
constexpr Code kDriverNotLoaded = 9;
constexpr Code kFunctionNotFound = 13;
constexpr Code kGpuIsLost = 15;
constexpr Code kVersionMismatch = 18;

struct FieldValue {
  unsigned field = 0;
  unsigned scope = 0;
  long long timestamp_us = 0;
  long long latency_us = 0;
  int type = 0;
  Code code = 0;
  union {
    double d;
    unsigned u32;
    unsigned long ul;
    unsigned long long u64;
    long long s64;
    int s32;
    unsigned short u16;
  } value = {};
};
static_assert(sizeof(FieldValue) == 40 && offsetof(FieldValue, value) == 32);

struct ProcessInfo {  // of the _v2 and _v3 calls
  unsigned pid;
  unsigned long long memory;
  unsigned gpu_instance;
  unsigned compute_instance;
};
static_assert(sizeof(ProcessInfo) == 24);

constexpr unsigned kFieldPowerInstant = 186;
constexpr unsigned kTextSize = 96;  // the longest name and uuid buffers of the reference

using Init = Code();
using Count = Code(unsigned*);
using ByIndex = Code(unsigned, NvmlHandle*);
using ByUuid = Code(const char*, NvmlHandle*);
using Text = Code(NvmlHandle, char*, unsigned);
using Counter = Code(NvmlHandle, unsigned long long*);
using Number = Code(NvmlHandle, unsigned*);
using Fields = Code(NvmlHandle, int, FieldValue*);
using TwoNumbers = Code(NvmlHandle, int*, int*);
using Part = Code(NvmlHandle, unsigned, NvmlHandle*);
using Processes = Code(NvmlHandle, unsigned*, ProcessInfo*);

struct Symbols {
  explicit Symbols(const host::DynamicLibrary& lib)
      : init(lib.find<Init>("nvmlInit_v2")),
        count(lib.find<Count>("nvmlDeviceGetCount_v2")),
        by_index(lib.find<ByIndex>("nvmlDeviceGetHandleByIndex_v2")),
        by_uuid(lib.find<ByUuid>("nvmlDeviceGetHandleByUUID")),
        uuid(lib.find<Text>("nvmlDeviceGetUUID")),
        name(lib.find<Text>("nvmlDeviceGetName")),
        energy(lib.find<Counter>("nvmlDeviceGetTotalEnergyConsumption")),
        power(lib.find<Number>("nvmlDeviceGetPowerUsage")),
        fields(lib.find<Fields>("nvmlDeviceGetFieldValues")),
        enforced_limit(lib.find<Number>("nvmlDeviceGetEnforcedPowerLimit")),
        limit(lib.find<Number>("nvmlDeviceGetPowerManagementLimit")),
        capability(lib.find<TwoNumbers>("nvmlDeviceGetCudaComputeCapability")),
        architecture(lib.find<Number>("nvmlDeviceGetArchitecture")),
        mig_count(lib.find<Number>("nvmlDeviceGetMaxMigDeviceCount")),
        mig_part(lib.find<Part>("nvmlDeviceGetMigDeviceHandleByIndex")) {
    const auto processes = [&](const std::string& what) {
      auto* newest = lib.find<Processes>((what + "_v3").c_str());
      return newest != nullptr ? newest : lib.find<Processes>((what + "_v2").c_str());
    };
    holders = {processes("nvmlDeviceGetComputeRunningProcesses"),
               processes("nvmlDeviceGetGraphicsRunningProcesses"),
               processes("nvmlDeviceGetMPSComputeRunningProcesses")};
  }

  Init* init;
  Count* count;
  ByIndex* by_index;
  ByUuid* by_uuid;
  Text* uuid;
  Text* name;
  Counter* energy;
  Number* power;
  Fields* fields;
  Number* enforced_limit;
  Number* limit;
  TwoNumbers* capability;
  Number* architecture;
  Number* mig_count;
  Part* mig_part;
  std::array<Processes*, 3> holders;
};

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

  [[nodiscard]] Result<std::vector<int>> holders(NvmlHandle device) override {
    std::vector<int> pids;
    bool told = false;
    for (Processes* call : nvml_.holders) {
      if (call == nullptr) continue;
      const Code code = add_processes(call, device, pids);
      // Graphics and MPS lists are not supported everywhere; one list that answers will do.
      if (code == kSuccess) told = true;
      if (code != kSuccess && code != kNotSupported && code != kFunctionNotFound) {
        return nvml_error(code, "processes on the GPU");
      }
    }
    if (!told) return nvml_error(kNotSupported, "processes on the GPU");
    std::sort(pids.begin(), pids.end());
    pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
    return pids;
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
      NvmlHandle part = nullptr;
      if (nvml_.mig_part(device.handle, i, &part) != kSuccess) continue;
      if (std::string uuid = text_of(nvml_.uuid, part); !uuid.empty()) {
        device.mig_uuids.push_back(std::move(uuid));
      }
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

  static Code add_processes(Processes* call, NvmlHandle device, std::vector<int>& pids) {
    std::array<ProcessInfo, 64> few{};
    auto count = static_cast<unsigned>(few.size());
    Code code = call(device, &count, few.data());
    if (code == kSuccess) {
      for (unsigned i = 0; i < count; ++i) pids.push_back(static_cast<int>(few[i].pid));
    }
    if (code != kInsufficientSize) return code;
    std::vector<ProcessInfo> many(2UL * count);  // some may start between the two calls
    count = static_cast<unsigned>(many.size());
    code = call(device, &count, many.data());
    for (unsigned i = 0; code == kSuccess && i < count; ++i) {
      pids.push_back(static_cast<int>(many[i].pid));
    }
    return code;
  }

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
