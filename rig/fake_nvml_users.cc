// The calls of the fake libnvidia-ml.so.1 about who uses a device: processes, how busy each keeps
// it, and MIG instances (docs/rig.md).
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "clock.h"
#include "library.h"
#include "nvml_abi.h"

namespace lowtide::rig {
namespace {

constexpr unsigned long long kGiB = 1ULL << 30;
constexpr unsigned kNoMig = 0xFFFFFFFF;  // gpuInstanceId of a process outside MIG

Library& library() { return Library::instance(); }

// A living process that holds a context; instance: of MIG.
struct User {
  unsigned pid;
  unsigned instance;
};

std::vector<unsigned> pids_in(const std::string& path) {
  std::vector<unsigned> pids;
  std::ifstream file(path);
  for (unsigned pid = 0; file >> pid;) pids.push_back(pid);
  return pids;
}

// As the driver has them: it forgets those that ended.
std::vector<User> users_of(const Call& call) {
  const Device& device = *call.device;
  std::vector<User> users;
  const auto add = [&](const std::vector<unsigned>& pids, unsigned instance) {
    for (const unsigned pid : pids) users.push_back({pid, instance});
  };
  if (call.part == nullptr) {
    add(device.pids, kNoMig);
    for (const std::string& path : device.pid_files) add(pids_in(path), kNoMig);
  }
  for (size_t i = 0; i < device.parts.size(); ++i) {
    if (call.part != nullptr && call.part != &device.parts[i]) continue;
    add(pids_in(device.parts[i].pid_file), static_cast<unsigned>(i) + 1);
  }
  std::erase_if(users, [](const User& user) {
    return kill(static_cast<pid_t>(user.pid), 0) != 0 && errno == ESRCH;
  });
  return users;
}

template <typename Info>
Info process_info(const User& user) {
  if constexpr (sizeof(Info) == sizeof(nvmlProcessInfo_v1_t)) {
    return Info{user.pid, kGiB};
  } else {
    return Info{user.pid, kGiB, user.instance, user.instance == kNoMig ? kNoMig : 0};
  }
}

template <typename Info>
nvmlReturn_t list_processes(const Call& call, unsigned* count, Info* infos) {
  if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  if (call.device->contexts == Contexts::unsupported) return NVML_ERROR_NOT_SUPPORTED;
  const auto users = users_of(call);
  const unsigned room = infos == nullptr ? 0 : *count;
  *count = static_cast<unsigned>(users.size());
  if (users.size() > room) return NVML_ERROR_INSUFFICIENT_SIZE;
  std::transform(users.begin(), users.end(), infos, process_info<Info>);
  return NVML_SUCCESS;
}

// What the script says of each process, else the load in equal shares.
std::vector<nvmlProcessUtilizationSample_t> loads_of(const Call& call) {
  const auto stamp = static_cast<unsigned long long>(clock_seconds(CLOCK_REALTIME) * 1e6);
  std::vector<nvmlProcessUtilizationSample_t> samples;
  const auto users = users_of(call);
  for (const User& user : users) {
    unsigned busy = 0;
    for (const Load& load : call.device->loads) {
      const auto pids = pids_in(load.pid_file);
      if (std::count(pids.begin(), pids.end(), user.pid) > 0) busy = load.percent;
    }
    if (call.device->loads.empty()) {
      busy = call.device->busy_percent(call.now, call.start) / static_cast<unsigned>(users.size());
    }
    samples.push_back({user.pid, stamp, busy, busy / 2, 0, 0});
  }
  // As the driver: who did nothing is not named.
  std::erase_if(samples, [](const auto& sample) { return sample.smUtil == 0; });
  return samples;
}

nvmlReturn_t no_processes(const Call& call, unsigned* count) {
  if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  *count = 0;
  return call.device->contexts == Contexts::unsupported ? NVML_ERROR_NOT_SUPPORTED : NVML_SUCCESS;
}

}  // namespace
}  // namespace lowtide::rig

// NOLINTBEGIN(readability-identifier-naming)
using namespace lowtide::rig;  // NOLINT(google-build-using-namespace): the C edge of the library

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

RIG_EXPORT nvmlReturn_t nvmlDeviceGetProcessUtilization(nvmlDevice_t device,
                                                        nvmlProcessUtilizationSample_t* samples,
                                                        unsigned* count, unsigned long long) {
  return library().call(__func__, device, [&](Call& call) {
    if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    const bool told = call.device->tells_loads && call.device->mig_mode <= 0;
    if (!told || call.device->contexts == Contexts::unsupported) return NVML_ERROR_NOT_SUPPORTED;
    const auto loads = loads_of(call);
    const unsigned room = samples == nullptr ? 0 : *count;
    *count = static_cast<unsigned>(loads.size());
    if (loads.empty()) return NVML_ERROR_NOT_FOUND;
    if (loads.size() > room) return NVML_ERROR_INSUFFICIENT_SIZE;
    std::copy(loads.begin(), loads.end(), samples);
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

RIG_EXPORT nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned* count) {
  return library().call(__func__, device, [&](Call& call) {
    return put(call, call.device->mig_mode < 0 ? 0U : 7U, count);
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t device, unsigned index,
                                                            nvmlDevice_t* out) {
  return library().call(__func__, device, [&](Call& call) {
    if (call.device->mig_mode < 0) return NVML_ERROR_NOT_SUPPORTED;
    if (index >= call.device->parts.size()) return NVML_ERROR_NOT_FOUND;
    *out = Library::handle_of(call.index, false, index + 1);
    return NVML_SUCCESS;
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetGpuInstanceId(nvmlDevice_t device, unsigned* id) {
  return library().call(__func__, device, [&](Call& call) {
    if (call.part == nullptr) return NVML_ERROR_NOT_SUPPORTED;
    return put(call, static_cast<unsigned>(call.part - call.device->parts.data()) + 1, id);
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetAttributes_v2(nvmlDevice_t device,
                                                   nvmlDeviceAttributes_t* attributes) {
  return library().call(__func__, device, [&](Call& call) {
    if (attributes == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (call.part == nullptr) return NVML_ERROR_NOT_SUPPORTED;
    *attributes = {};
    attributes->gpuInstanceSliceCount = call.part->slices;
    attributes->computeInstanceSliceCount = call.part->slices;
    return NVML_SUCCESS;
  });
}

RIG_EXPORT nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t* memory) {
  return library().call(__func__, device, [&](Call& call) {
    if (memory == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    const unsigned long long used = kGiB * users_of(call).size();
    *memory = {80 * kGiB, 80 * kGiB - used, used};
    return NVML_SUCCESS;
  });
}
// NOLINTEND(readability-identifier-naming)
