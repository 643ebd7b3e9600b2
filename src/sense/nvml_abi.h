// The part of NVML's binary interface that is used here, from NVIDIA's public API reference
// (docs.nvidia.com/deploy/nvml-api, R580, 2025), checked against nvml.h 13.0. Layouts are fixed:
// NVIDIA changes them only under a new name (_v2, _v3).
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "host/dynlib.h"
#include "sense/nvml_door.h"

namespace lowtide::sense::nvml {

using Code = int;

constexpr Code kSuccess = 0;
constexpr Code kUninitialized = 1;
constexpr Code kNotSupported = 3;
constexpr Code kNoPermission = 4;
constexpr Code kNotFound = 6;
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

constexpr unsigned kNoInstance = 0xffffffff;  // of a process outside MIG
constexpr unsigned kFieldPowerInstant = 186;
constexpr unsigned kTextSize = 96;  // the longest name and uuid buffers of the reference

struct ProcessUse {  // nvmlProcessUtilizationSample_t
  unsigned pid;
  unsigned long long time_us;
  unsigned sm;  // per cent
  unsigned memory;
  unsigned encoder;
  unsigned decoder;
};
static_assert(sizeof(ProcessUse) == 32 && offsetof(ProcessUse, sm) == 16);

struct Attributes {  // nvmlDeviceAttributes_t
  std::array<unsigned, 6> engines;
  unsigned gpu_slices;
  unsigned compute_slices;
  unsigned long long memory_mib;
};
static_assert(sizeof(Attributes) == 40 && offsetof(Attributes, gpu_slices) == 24);

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
using ProcessUses = Code(NvmlHandle, ProcessUse*, unsigned*, unsigned long long);
using PartAttributes = Code(NvmlHandle, Attributes*);

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
        mig_part(lib.find<Part>("nvmlDeviceGetMigDeviceHandleByIndex")),
        instance(lib.find<Number>("nvmlDeviceGetGpuInstanceId")),
        attributes(lib.find<PartAttributes>("nvmlDeviceGetAttributes_v2")),
        process_uses(lib.find<ProcessUses>("nvmlDeviceGetProcessUtilization")) {
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
  Number* instance;
  PartAttributes* attributes;
  ProcessUses* process_uses;
  std::array<Processes*, 3> holders;
};

}  // namespace lowtide::sense::nvml
