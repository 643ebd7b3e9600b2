// What the kernel tells of this machine: its CPU, its memory and how busy it has been.
//
// Read from proc/cpuinfo, proc/meminfo and proc/stat under the machine's root (host::MachineFiles).
// What is not there is absent. Plain values, no threads.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "host/files.h"

namespace lowtide::sense {

struct MachineFacts {
  std::string cpu_model;                  // "model name" of cpuinfo; empty when it has none
  std::string cpu_vendor;                 // "GenuineIntel", "AuthenticAMD"; empty when it has none
  std::optional<int> cpu_family;          // of cpuid
  std::optional<int> cpu_number;          // "model" of cpuid
  std::optional<int> logical_cpus;        // online
  std::optional<int> threads_per_socket;  // "siblings"
  std::optional<int> cores_per_socket;    // "cpu cores"
  bool virtual_machine = false;           // the CPU's hypervisor flag
  std::optional<double> memory_gb;        // MemTotal, 1 GB = 2^30 bytes, as DIMMs are sold
};

[[nodiscard]] MachineFacts read_machine(const host::MachineFiles& files);

// CPU time since boot of everything that ran on this machine: user, nice, system, irq and softirq.
// Guests are in user and nice already. Not counted: iowait, which is idle, and steal, in which this
// machine wanted a CPU while the hypervisor ran another's work, whose energy that is.
[[nodiscard]] Result<Duration> read_busy_time(const host::MachineFiles& files);

}  // namespace lowtide::sense
