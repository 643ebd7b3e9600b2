#include "sense/rapl_zones.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

namespace lowtide::sense {
namespace {

constexpr std::string_view kRoot = "/sys/class/powercap";
constexpr std::string_view kMmio = "intel-rapl-mmio";

// A limit above this is a register that was never set (4095 W is common), not a power.
constexpr Power kBelievable = watts(1500);

struct Found {
  std::string id;    // "intel-rapl:0:2"
  std::string path;  // "/sys/class/powercap/intel-rapl:0:2"
  std::string name;  // "dram"
};

std::string parent_id(std::string_view id) {
  const std::size_t last = id.rfind(':');
  if (last == std::string_view::npos || id.find(':') == last) return {};
  return std::string(id.substr(0, last));
}

// Zones in this folder and below, by id; a zone seen before is not looked into again.
void collect(const host::MachineFiles& files, const std::string& folder,
             std::map<std::string, Found>& zones) {
  for (const std::string& entry : files.list(folder)) {
    std::string path = folder;
    path.append("/").append(entry);
    const bool zone = entry.find(':') != std::string::npos;
    // A control type ("intel-rapl") holds zones too, but only where it is a folder of its own.
    if (!zone && !files.exists(fmt::format("{}/{}:0", path, entry))) continue;
    if (zone) {
      const auto name = files.read_line(path + "/name");
      if (!name || !zones.try_emplace(entry, Found{entry, path, *name}).second) continue;
    }
    collect(files, path, zones);
  }
}

std::optional<Power> power_limit(const host::MachineFiles& files, const std::string& zone) {
  std::optional<Power> highest;
  for (const char* constraint : {"0", "1", "2"}) {
    for (const char* what : {"_power_limit_uw", "_max_power_uw"}) {
      const auto uw = files.read_integer(zone + "/constraint_" + constraint + what);
      if (!uw || *uw <= 0) continue;
      const Power limit = watts(static_cast<double>(*uw) * 1e-6);
      if (limit <= kBelievable && (!highest || limit > *highest)) highest = limit;
    }
  }
  return highest;
}

// "package-2-die-1" as (2, 1), so that package-10 comes after package-2.
std::tuple<int, int> package_order(std::string_view name) {
  std::tuple<int, int> order{0, 0};
  constexpr std::string_view kPackage = "package-";
  constexpr std::string_view kDie = "-die-";
  if (!name.starts_with(kPackage)) return order;
  const char* end = name.data() + name.size();
  std::from_chars(name.data() + kPackage.size(), end, std::get<0>(order));
  const std::size_t die = name.find(kDie);
  if (die != std::string_view::npos) {
    std::from_chars(name.data() + die + kDie.size(), end, std::get<1>(order));
  }
  return order;
}

int kind_order(ChannelKind kind) {
  if (kind == ChannelKind::psys) return 2;
  return kind == ChannelKind::dram ? 1 : 0;
}

// What the zone is to us; nothing for core, uncore and what is not RAPL.
std::optional<RaplZone> known_zone(const Found& found, const std::map<std::string, Found>& zones) {
  RaplZone zone;
  if (found.name.starts_with("package-")) {
    zone.kind = ChannelKind::cpu;
    zone.name = found.name;
    return zone;
  }
  if (found.name == "psys") {
    zone.kind = ChannelKind::psys;
    zone.name = found.name;
    return zone;
  }
  if (found.name != "dram") return std::nullopt;
  const auto parent = zones.find(parent_id(found.id));
  zone.kind = ChannelKind::dram;
  zone.name = parent == zones.end() ? found.id + "/dram" : parent->second.name + "/dram";
  return zone;
}

}  // namespace

std::vector<RaplZone> find_rapl_zones(const host::MachineFiles& files) {
  std::map<std::string, Found> found;
  collect(files, std::string(kRoot), found);

  std::vector<RaplZone> zones;
  std::set<std::string> names;
  const auto take = [&](bool mmio) {
    for (const auto& [id, zone] : found) {
      if (id.starts_with(kMmio) != mmio) continue;
      auto known = known_zone(zone, found);
      if (!known || !names.insert(known->name).second) continue;
      known->energy_path = files.real(zone.path + "/energy_uj");
      const auto range = files.read_integer(zone.path + "/max_energy_range_uj");
      if (range && *range > 0) known->range_uj = static_cast<std::uint64_t>(*range);
      known->limit = power_limit(files, zone.path);
      zones.push_back(*std::move(known));
    }
  };
  take(false);
  take(true);  // only what no other door has shown

  std::sort(zones.begin(), zones.end(), [](const RaplZone& a, const RaplZone& b) {
    const bool a_psys = a.kind == ChannelKind::psys;
    const bool b_psys = b.kind == ChannelKind::psys;
    return std::tuple(a_psys, package_order(a.name), kind_order(a.kind), a.name) <
           std::tuple(b_psys, package_order(b.name), kind_order(b.kind), b.name);
  });
  return zones;
}

}  // namespace lowtide::sense
