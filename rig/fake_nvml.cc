// A libnvidia-ml.so.1 that plays the script named by LOWTIDE_RIG (docs/rig.md). Only what the
// public interface says: the caller cannot tell it from a driver, except that the energy is known.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "clock.h"
#include "library.h"
#include "nvml_abi.h"

#define RIG_EXPORT extern "C" __attribute__((visibility("default")))

namespace lowtide::rig {
namespace {

constexpr unsigned long long kGiB = 1ULL << 30;
constexpr unsigned kNoMig = 0xFFFFFFFF;  // gpuInstanceId of a process outside MIG

Library& library() { return Library::instance(); }

nvmlReturn_t copy_text(const std::string& text, char* out, unsigned length) {
  if (out == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  if (text.size() + 1 > length) return NVML_ERROR_INSUFFICIENT_SIZE;
  std::memcpy(out, text.c_str(), text.size() + 1);
  return NVML_SUCCESS;
}

nvmlReturn_t put(Call& call, unsigned value, unsigned* out) {
  if (out == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  *out = value;
  call.value = value;
  return NVML_SUCCESS;
}

// Living processes that hold a context, as the driver forgets those that ended.
std::vector<unsigned> context_pids(const Device& device) {
  std::vector<unsigned> pids = device.pids;
  if (device.contexts == Contexts::file) {
    std::ifstream file(device.pid_file);
    for (unsigned pid = 0; file >> pid;) pids.push_back(pid);
  }
  std::erase_if(pids,
                [](unsigned pid) { return kill(static_cast<pid_t>(pid), 0) && errno == ESRCH; });
  return pids;
}

template <typename Info>
Info process_info(unsigned pid) {
  if constexpr (sizeof(Info) == sizeof(nvmlProcessInfo_v1_t)) {
    return Info{pid, kGiB};
  } else {
    return Info{pid, kGiB, kNoMig, kNoMig};
  }
}

template <typename Info>
nvmlReturn_t list_processes(const Call& call, unsigned* count, Info* infos) {
  if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  if (call.device->contexts == Contexts::unsupported) return NVML_ERROR_NOT_SUPPORTED;
  const auto pids = context_pids(*call.device);
  const unsigned room = infos == nullptr ? 0 : *count;
  *count = static_cast<unsigned>(pids.size());
  if (pids.size() > room) return NVML_ERROR_INSUFFICIENT_SIZE;
  std::transform(pids.begin(), pids.end(), infos, process_info<Info>);
  return NVML_SUCCESS;
}

nvmlReturn_t no_processes(const Call& call, unsigned* count) {
  if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  *count = 0;
  return call.device->contexts == Contexts::unsupported ? NVML_ERROR_NOT_SUPPORTED : NVML_SUCCESS;
}

nvmlReturn_t read_counter(Call& call, unsigned long long* out) {
  if (out == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  if (!call.device->sensor.has_counter) return NVML_ERROR_NOT_SUPPORTED;
  *out = call.device->counter_mj(call.now, call.start);
  call.value = static_cast<double>(*out);
  return NVML_SUCCESS;
}

nvmlReturn_t read_average(Call& call, unsigned* out) {
  if (!call.device->sensor.has_power) return NVML_ERROR_NOT_SUPPORTED;
  return put(call, call.device->average_mw(call.now, call.start), out);
}

nvmlReturn_t read_instant(Call& call, unsigned* out) {
  if (!call.device->sensor.has_instant) return NVML_ERROR_NOT_SUPPORTED;
  return put(call, call.device->instant_mw(call.now, call.start), out);
}

nvmlReturn_t read_field(Call& call, nvmlFieldValue_t* field) {
  field->timestamp = static_cast<long long>(clock_seconds(CLOCK_REALTIME) * 1e6);
  field->latencyUsec = 0;
  field->valueType = NVML_VALUE_TYPE_UNSIGNED_INT;
  field->value.ullVal = 0;
  switch (field->scopeId == 0 ? field->fieldId : 0) {
    case NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION:
    case NVML_FI_DEV_ENERGY:
      field->valueType = NVML_VALUE_TYPE_UNSIGNED_LONG_LONG;
      return read_counter(call, &field->value.ullVal);
    case NVML_FI_DEV_POWER_AVERAGE:
      return call.device->sensor.window_s > 0 ? read_average(call, &field->value.uiVal)
                                              : NVML_ERROR_NOT_SUPPORTED;
    case NVML_FI_DEV_POWER_INSTANT:
      return read_instant(call, &field->value.uiVal);
    default:
      return NVML_ERROR_NOT_SUPPORTED;
  }
}

const char* error_text(nvmlReturn_t code) {
  switch (code) {
    case NVML_SUCCESS:
      return "The operation was successful";
    case NVML_ERROR_UNINITIALIZED:
      return "Uninitialized";
    case NVML_ERROR_INVALID_ARGUMENT:
      return "Invalid Argument";
    case NVML_ERROR_NOT_SUPPORTED:
      return "Not Supported";
    case NVML_ERROR_NOT_FOUND:
      return "Not Found";
    case NVML_ERROR_INSUFFICIENT_SIZE:
      return "Insufficient Size";
    case NVML_ERROR_DRIVER_NOT_LOADED:
      return "Driver Not Loaded";
    case NVML_ERROR_GPU_IS_LOST:
      return "GPU is lost";
    default:
      return "Unknown Error";
  }
}

}  // namespace
}  // namespace lowtide::rig

// NOLINTBEGIN(readability-identifier-naming)
using namespace lowtide::rig;  // NOLINT(google-build-using-namespace): the C edge of the library

RIG_EXPORT nvmlReturn_t nvmlInit_v2() { return library().init("nvmlInit_v2"); }
RIG_EXPORT nvmlReturn_t nvmlInitWithFlags(unsigned) { return library().init("nvmlInit_v2"); }
RIG_EXPORT nvmlReturn_t nvmlShutdown() { return library().shutdown(); }
RIG_EXPORT const char* nvmlErrorString(nvmlReturn_t code) { return error_text(code); }

RIG_EXPORT nvmlReturn_t nvmlSystemGetDriverVersion(char* version, unsigned length) {
  return library().call(
      __func__, [&](Call& call) { return copy_text(call.script->driver, version, length); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetCount_v2(unsigned* count) {
  return library().call(__func__, [&](Call& call) {
    return put(call, static_cast<unsigned>(call.script->devices.size()), count);
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t* out) {
  return library().call(__func__, [&](Call& call) {
    if (out == nullptr || index >= call.script->devices.size()) return NVML_ERROR_INVALID_ARGUMENT;
    const bool lost = call.script->devices[index].lost(call.now, call.script->origin.start());
    if (lost) return NVML_ERROR_GPU_IS_LOST;
    *out = Library::handle_of(index);
    return NVML_SUCCESS;
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetHandleByUUID(const char* uuid, nvmlDevice_t* out) {
  return library().call(__func__, [&](Call& call) {
    if (uuid == nullptr || out == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    const auto& devices = call.script->devices;
    const auto found = std::find_if(devices.begin(), devices.end(),
                                    [&](const Device& device) { return device.uuid == uuid; });
    if (found == devices.end()) return NVML_ERROR_NOT_FOUND;
    if (found->lost(call.now, call.script->origin.start())) return NVML_ERROR_GPU_IS_LOST;
    *out = Library::handle_of(static_cast<unsigned>(found - devices.begin()));
    return NVML_SUCCESS;
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char* uuid, unsigned length) {
  return library().call(__func__, device,
                        [&](Call& call) { return copy_text(call.device->uuid, uuid, length); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char* name, unsigned length) {
  return library().call(__func__, device,
                        [&](Call& call) { return copy_text(call.device->name, name, length); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t device, unsigned* index) {
  return library().call(__func__, device, [&](Call& call) { return put(call, call.index, index); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetMinorNumber(nvmlDevice_t device, unsigned* minor) {
  return library().call(__func__, device, [&](Call& call) { return put(call, call.index, minor); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t* pci) {
  return library().call(__func__, device, [&](Call& call) {
    if (pci == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *pci = {};
    pci->bus = 0x10 + call.index;
    pci->pciDeviceId = 0x233010DE;  // device and vendor of an H100 SXM
    std::snprintf(pci->busId, sizeof pci->busId, "00000000:%02X:00.0", pci->bus);
    std::snprintf(pci->busIdLegacy, sizeof pci->busIdLegacy, "0000:%02X:00.0", pci->bus);
    return NVML_SUCCESS;
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetArchitecture(nvmlDevice_t device, unsigned* architecture) {
  return library().call(__func__, device, [&](Call& call) {
    return put(call, call.device->architecture, architecture);
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int* major,
                                                           int* minor) {
  return library().call(__func__, device, [&](Call& call) {
    if (major == nullptr || minor == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *major = call.device->compute_capability() / 10;
    *minor = call.device->compute_capability() % 10;
    return NVML_SUCCESS;
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device,
                                                            unsigned long long* energy) {
  return library().call(__func__, device, [&](Call& call) { return read_counter(call, energy); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned* power) {
  return library().call(__func__, device, [&](Call& call) { return read_average(call, power); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned* limit) {
  return library().call(__func__, device,
                        [&](Call& call) { return put(call, call.device->limit_mw, limit); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetPowerManagementLimit(nvmlDevice_t device, unsigned* limit) {
  return library().call(__func__, device,
                        [&](Call& call) { return put(call, call.device->limit_mw, limit); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t device, int count,
                                                 nvmlFieldValue_t* values) {
  return library().call(__func__, device, [&](Call& call) {
    if (values == nullptr || count <= 0) return NVML_ERROR_INVALID_ARGUMENT;
    for (int i = 0; i < count; ++i) values[i].nvmlReturn = read_field(call, &values[i]);
    return NVML_SUCCESS;
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device,
                                                                unsigned* count,
                                                                nvmlProcessInfo_t* infos) {
  return library().call(__func__, device,
                        [&](Call& call) { return list_processes(call, count, infos); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v2(nvmlDevice_t device,
                                                                unsigned* count,
                                                                nvmlProcessInfo_t* infos) {
  return nvmlDeviceGetComputeRunningProcesses_v3(device, count, infos);
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetComputeRunningProcesses(nvmlDevice_t device, unsigned* count,
                                                             nvmlProcessInfo_v1_t* infos) {
  return library().call(__func__, device,
                        [&](Call& call) { return list_processes(call, count, infos); });
}

// The scripts speak of plain compute contexts only: nobody draws, nobody shares through MPS.
RIG_EXPORT nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v3(nvmlDevice_t device,
                                                                 unsigned* count,
                                                                 nvmlProcessInfo_t*) {
  return library().call(__func__, device, [&](Call& call) { return no_processes(call, count); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v2(nvmlDevice_t device,
                                                                 unsigned* count,
                                                                 nvmlProcessInfo_t* infos) {
  return nvmlDeviceGetGraphicsRunningProcesses_v3(device, count, infos);
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses(nvmlDevice_t device, unsigned* count,
                                                              nvmlProcessInfo_v1_t*) {
  return nvmlDeviceGetGraphicsRunningProcesses_v3(device, count, nullptr);
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v3(nvmlDevice_t device,
                                                                   unsigned* count,
                                                                   nvmlProcessInfo_t*) {
  return library().call(__func__, device, [&](Call& call) { return no_processes(call, count); });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses_v2(nvmlDevice_t device,
                                                                   unsigned* count,
                                                                   nvmlProcessInfo_t* infos) {
  return nvmlDeviceGetMPSComputeRunningProcesses_v3(device, count, infos);
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetMPSComputeRunningProcesses(nvmlDevice_t device,
                                                                unsigned* count,
                                                                nvmlProcessInfo_v1_t*) {
  return nvmlDeviceGetMPSComputeRunningProcesses_v3(device, count, nullptr);
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device,
                                                      nvmlUtilization_t* utilization) {
  return library().call(__func__, device, [&](Call& call) {
    if (utilization == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    const unsigned busy = call.device->busy_percent(call.now, call.start);
    *utilization = {busy, busy / 2};
    return NVML_SUCCESS;
  });
}

// One sample a living process, the load in equal shares.
RIG_EXPORT nvmlReturn_t nvmlDeviceGetProcessUtilization(nvmlDevice_t device,
                                                        nvmlProcessUtilizationSample_t* samples,
                                                        unsigned* count, unsigned long long) {
  return library().call(__func__, device, [&](Call& call) {
    if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (call.device->contexts == Contexts::unsupported) return NVML_ERROR_NOT_SUPPORTED;
    const auto pids = context_pids(*call.device);
    const unsigned room = samples == nullptr ? 0 : *count;
    *count = static_cast<unsigned>(pids.size());
    if (pids.empty()) return NVML_ERROR_NOT_FOUND;
    if (pids.size() > room) return NVML_ERROR_INSUFFICIENT_SIZE;
    const unsigned busy = call.device->busy_percent(call.now, call.start) / *count;
    const auto stamp = static_cast<unsigned long long>(clock_seconds(CLOCK_REALTIME) * 1e6);
    for (size_t i = 0; i < pids.size(); ++i) samples[i] = {pids[i], stamp, busy, busy / 2, 0, 0};
    return NVML_SUCCESS;
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned* current,
                                             unsigned* pending) {
  return library().call(__func__, device, [&](Call& call) {
    if (call.device->mig_mode < 0) return NVML_ERROR_NOT_SUPPORTED;
    if (pending != nullptr) *pending = static_cast<unsigned>(call.device->mig_mode);
    return put(call, static_cast<unsigned>(call.device->mig_mode), current);
  });
}

// MIG may be on, but no instance is ever made.
RIG_EXPORT nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned* count) {
  return library().call(__func__, device, [&](Call& call) {
    return put(call, call.device->mig_mode < 0 ? 0U : 7U, count);
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t device, unsigned,
                                                            nvmlDevice_t*) {
  return library().call(__func__, device, [](Call& call) {
    return call.device->mig_mode < 0 ? NVML_ERROR_NOT_SUPPORTED : NVML_ERROR_NOT_FOUND;
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t* memory) {
  return library().call(__func__, device, [&](Call& call) {
    if (memory == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    const auto pids = context_pids(*call.device);
    const unsigned long long used = kGiB * pids.size();
    *memory = {80 * kGiB, 80 * kGiB - used, used};
    return NVML_SUCCESS;
  });
}
// NOLINTEND(readability-identifier-naming)
