// data/cpu_tdp.csv and what it says of a CPU: watts at full load for each hardware thread.
//
// A CPU is found by the name that cpuinfo gives it; where that is masked or unknown, by its family;
// else nothing is known but an average per vCPU. Pure values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "sense/machine.h"

namespace lowtide::sense {

struct CpuRow {
  std::string name;    // as in the table
  std::string family;  // "EPYC 7003 Series"
  std::string vendor;
  std::optional<double> cores;
  Power tdp;
  bool unconfirmed = false;  // status `memory`: what is derived from it is marked as assumed
};

// The columns name, vendor, family, cores, tdp_w (or tdp) and status, by their header, in any
// order; rows named `family:..` are medians. Error malformed names the line; a row without a TDP is
// left out, as are those that say nothing of a CPU named `like` (empty: all are kept).
[[nodiscard]] Result<std::vector<CpuRow>> parse_cpu_table(std::string_view csv,
                                                          const std::string& where,
                                                          std::string_view like = {});

// "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz" -> "intel xeon platinum 8259cl".
[[nodiscard]] std::string normalise_cpu_name(std::string_view name);

// The family that the name, or the numbers of cpuid behind a masked name, belong to: "EPYC 7003
// Series"; empty when it cannot be told.
[[nodiscard]] std::string cpu_family_of(const std::vector<CpuRow>& table,
                                        const MachineFacts& facts);

// What a hardware thread of this machine draws when the whole CPU is busy, and how far it may be
// off (95 %, fractions).
struct ThreadPower {
  Power full;
  double low_rel = 0.5;
  double high_rel = 0.5;
  std::string how;  // the terms with their numbers and the source
  std::optional<Power> tdp = {};       // of the row; absent: a median or a mean was taken
  std::optional<double> threads = {};  // that share the TDP
  std::string row = {};                // of the table, its model or family; empty: not in it
};

[[nodiscard]] ThreadPower thread_power(const std::vector<CpuRow>& table, const MachineFacts& facts);

}  // namespace lowtide::sense
