// The RAPL zones of the kernel's powercap tree, each physical zone once.
//
// The tree shows a zone flat and nested (by symbolic links), and a package again under
// intel-rapl-mmio: the same counter behind another door. A zone is known by its control type and
// numbers, "intel-rapl:0:2"; what it measures by its `name` file. core and uncore lie inside their
// package and are left out. Plain values, no threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "base/words.h"
#include "host/files.h"

namespace lowtide::sense {

struct RaplZone {
  ChannelKind kind = ChannelKind::cpu;  // cpu, dram or psys
  std::string name;         // "package-0", "package-0/dram", "psys": the same on every boot
  std::string energy_path;  // the real file, under the machine's root
  std::optional<std::uint64_t> range_uj;  // max_energy_range_uj
  std::optional<Power> limit;  // the highest of its power limits; absent: none that can be believed
};

// Packages in order, each followed by its DRAM; psys last. Empty when there is no such tree.
[[nodiscard]] std::vector<RaplZone> find_rapl_zones(const host::MachineFiles& files);

}  // namespace lowtide::sense
