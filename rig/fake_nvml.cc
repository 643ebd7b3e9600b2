// A libnvidia-ml.so.1 that plays the script named by LOWTIDE_RIG (docs/rig.md). Only what the
// public interface says: the caller cannot tell it from a driver, except that the energy is known.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "clock.h"
#include "library.h"
#include "nvml_abi.h"

namespace lowtide::rig {
namespace {

Library& library() { return Library::instance(); }

nvmlReturn_t copy_text(const std::string& text, char* out, unsigned length) {
  if (out == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  if (text.size() + 1 > length) return NVML_ERROR_INSUFFICIENT_SIZE;
  std::memcpy(out, text.c_str(), text.size() + 1);
  return NVML_SUCCESS;
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
    const Device& device = call.script->devices[index];
    const auto start = call.script->origin.start();
    if (device.lost(call.now, start)) return NVML_ERROR_GPU_IS_LOST;
    *out = Library::handle_of(index, device.back(call.now, start));
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
    const auto start = call.script->origin.start();
    if (found->lost(call.now, start)) return NVML_ERROR_GPU_IS_LOST;
    *out = Library::handle_of(static_cast<unsigned>(found - devices.begin()),
                              found->back(call.now, start));
    return NVML_SUCCESS;
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char* uuid, unsigned length) {
  return library().call(__func__, device, [&](Call& call) {
    return copy_text(call.part == nullptr ? call.device->uuid : call.part->uuid, uuid, length);
  });
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

RIG_EXPORT nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device,
                                                      nvmlUtilization_t* utilization) {
  return library().call(__func__, device, [&](Call& call) {
    if (utilization == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    const unsigned busy = call.device->busy_percent(call.now, call.start);
    *utilization = {busy, busy / 2};
    return NVML_SUCCESS;
  });
}

// NOLINTEND(readability-identifier-naming)
