// The CPU by a model, where no counter can be read (docs/sources/cpu-model.md).
//
// Power of the whole machine's CPUs: P = N x w x (f + (1 - f) x busy), with N the logical CPUs,
// w the watts of a hardware thread at full load (sense/cpu_table.h), f the idle fraction and busy
// the share of N's time that something ran (proc/stat). N x w x f is said as idle_power, so that
// src/account charges a job its reserved share of idle and its CPU time's share of the rest.
// One thread, its reader's.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "host/clock.h"
#include "host/files.h"
#include "sense/cpu_table.h"
#include "sense/meter.h"

namespace lowtide::sense {

struct CpuModelOptions {
  host::MachineFiles files;
  std::string table_path;  // cpu_tdp.csv; a table that cannot be read is said in the note
};

// The model's figures for this machine.
struct CpuModelTerms {
  std::string cpu;           // what the CPU calls itself; empty: it does not
  ThreadPower thread;        // w
  double cpus = 1;           // N
  double idle_fraction = 0;  // f
  bool blind = false;        // proc/stat cannot be read: half of the CPUs are taken as busy
  bool counted = true;       // false: N is the C library's, cpuinfo cannot be read
  std::string trouble;       // why there is no table; empty: there is
  [[nodiscard]] Power full() const { return cpus * thread.full; }
  [[nodiscard]] Power idle() const { return idle_fraction * full(); }
  [[nodiscard]] std::string text() const;  // the terms with their numbers, in words
};
[[nodiscard]] CpuModelTerms cpu_model_terms(const CpuModelOptions& options);

// Never fails for want of facts: with nothing known it is still a modelled channel, and says so.
// `clock` outlives the meter.
[[nodiscard]] Result<std::unique_ptr<Meter>> open_cpu_model(const CpuModelOptions& options,
                                                            const host::Clock& clock);

}  // namespace lowtide::sense
