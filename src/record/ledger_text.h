// The parts of a run that the ledger keeps as JSON text in one column, and back.
// docs/formats/ledger.md lists the keys.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "series/run.h"

namespace lowtide::record {

[[nodiscard]] std::string to_text(const MachineShare& machine);
[[nodiscard]] std::string to_text(const AccountingOptions& options);
[[nodiscard]] std::string to_text(const std::vector<ErrorTerm>& errors);
[[nodiscard]] std::string to_text(const IntensityUsed& about);  // without its series
[[nodiscard]] std::string to_text(const DeviceUse& use);
[[nodiscard]] std::string to_text(const SecondPath& path);
// [begin_ns, end_ns, g_per_kwh, quality, origin] each.
[[nodiscard]] std::string to_text(const IntensitySeries& series);
template <typename Map>
[[nodiscard]] std::string map_to_text(const Map& map) {
  return nlohmann::json(map).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// What cannot be read is left at its default: a ledger column is never a reason to lose a run.
void from_text(const std::string& text, MachineShare& machine);
void from_text(const std::string& text, AccountingOptions& options);
void from_text(const std::string& text, std::vector<ErrorTerm>& errors);
void from_text(const std::string& text, IntensityUsed& about);
void from_text(const std::string& text, DeviceUse& use);
void from_text(const std::string& text, SecondPath& path);
// What is no piece is left out; error where the pieces make no series.
[[nodiscard]] Result<IntensitySeries> series_from_text(const std::string& text);
template <typename Map>
void map_from_text(const std::string& text, Map& map) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return;
  try {
    json.get_to(map);
  } catch (const nlohmann::json::exception&) {
    map.clear();
  }
}

}  // namespace lowtide::record
