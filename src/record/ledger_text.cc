#include "record/ledger_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace lowtide::record {
namespace {

using nlohmann::json;

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

template <typename T>
void read(const json& object, const char* key, T& value) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return;
  const T kept = value;
  try {
    found->get_to(value);
  } catch (const json::exception&) {
    value = kept;  // another type than ours: as if it were not there
  }
}

template <typename T>
void read(const json& object, const char* key, std::optional<T>& value) {
  T held{};
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return;
  read(object, key, held);
  value = held;
}

void read(const json& object, const char* key, Duration& value) {
  double length = as_seconds(value);
  read(object, key, length);
  value = seconds(length);
}

template <typename Enum>
void read_enum(const json& object, const char* key, Enum& value) {
  std::string word;
  read(object, key, word);
  value = read_word<Enum>(word).value_or(value);
}

json parse_object(const std::string& text) {
  auto value = json::parse(text, nullptr, false);
  return value.is_object() ? value : json::object();
}

template <typename T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

constexpr std::array<std::string_view, 3> kIdleWords{"reserved", "all", "none"};
constexpr std::array<std::string_view, 3> kMachineWords{"stays-on", "held", "released"};

// The word's place in the list is the value.
template <std::size_t N>
std::optional<std::size_t> place_of(const json& object, const char* key,
                                    const std::array<std::string_view, N>& words) {
  std::string word;
  read(object, key, word);
  const auto* const found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

}  // namespace

std::string to_text(const MachineShare& machine) {
  return dump({{"cpu_model", machine.cpu_model},
               {"cpus", machine.cpus},
               {"cpus_reserved", machine.cpus_reserved},
               {"memory_gb", machine.memory_gb},
               {"memory_reserved_gb", machine.memory_reserved_gb},
               {"cpu_time_by", machine.cpu_time_by}});
}

void from_text(const std::string& text, MachineShare& machine) {
  const json object = parse_object(text);
  read(object, "cpu_model", machine.cpu_model);
  read(object, "cpus", machine.cpus);
  read(object, "cpus_reserved", machine.cpus_reserved);
  read(object, "memory_gb", machine.memory_gb);
  read(object, "memory_reserved_gb", machine.memory_reserved_gb);
  read(object, "cpu_time_by", machine.cpu_time_by);
}

std::string to_text(const AccountingOptions& options) {
  json machine = nullptr;
  if (options.machine) machine = kMachineWords.at(static_cast<std::size_t>(*options.machine));
  return dump({{"headline", spell(options.headline)},
               {"idle", kIdleWords.at(static_cast<std::size_t>(options.idle))},
               {"pue", or_null(options.pue)},
               {"pue_source", options.pue_source},
               {"pue_is_average", options.pue_is_average},
               {"embodied", options.embodied},
               {"per", options.per},
               {"location", options.location},
               {"intensity", options.intensity},
               {"subject", options.subject},
               {"machine", machine}});
}

void from_text(const std::string& text, AccountingOptions& options) {
  const json object = parse_object(text);
  read_enum(object, "headline", options.headline);
  if (const auto idle = place_of(object, "idle", kIdleWords)) {
    options.idle = static_cast<IdleRule>(*idle);
  }
  if (const auto machine = place_of(object, "machine", kMachineWords)) {
    options.machine = static_cast<MachineWhilePaused>(*machine);
  }
  read(object, "pue", options.pue);
  read(object, "pue_source", options.pue_source);
  read(object, "pue_is_average", options.pue_is_average);
  read(object, "embodied", options.embodied);
  read(object, "per", options.per);
  read(object, "location", options.location);
  read(object, "intensity", options.intensity);
  read(object, "subject", options.subject);
}

std::string to_text(const std::vector<ErrorTerm>& errors) {
  json list = json::array();
  for (const ErrorTerm& term : errors) {
    list.push_back({{"kind", spell(term.kind)},
                    {"low_fraction", term.low_rel},
                    {"high_fraction", term.high_rel},
                    {"low_w", as_watts(term.low_power)},
                    {"high_w", as_watts(term.high_power)},
                    {"low_j", as_joules(term.low_once)},
                    {"high_j", as_joules(term.high_once)},
                    {"reference", term.reference},
                    {"window_s", as_seconds(term.window)}});
  }
  return dump(list);
}

void from_text(const std::string& text, std::vector<ErrorTerm>& errors) {
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) return;
  for (const json& entry : list) {
    if (!entry.is_object()) continue;
    ErrorTerm term;
    std::array<double, 5> values{};
    read_enum(entry, "kind", term.kind);
    read(entry, "low_fraction", term.low_rel);
    read(entry, "high_fraction", term.high_rel);
    read(entry, "low_w", values[0]);
    read(entry, "high_w", values[1]);
    read(entry, "low_j", values[2]);
    read(entry, "high_j", values[3]);
    read(entry, "reference", term.reference);
    read(entry, "window_s", values[4]);
    term.window = seconds(values[4]);
    term.low_power = watts(values[0]);
    term.high_power = watts(values[1]);
    term.low_once = joules(values[2]);
    term.high_once = joules(values[3]);
    errors.push_back(term);
  }
}

std::string to_text(const DeviceUse& use) {
  return dump({{"shared_s", as_seconds(use.shared)},
               {"held_ours_s", as_seconds(use.held_ours)},
               {"held_all_s", as_seconds(use.held_all)},
               {"part_ours_s", as_seconds(use.part_ours)},
               {"busy_told_s", as_seconds(use.busy_told)},
               {"busy_ours_s", as_seconds(use.busy_ours)},
               {"busy_all_s", as_seconds(use.busy_all)}});
}

void from_text(const std::string& text, DeviceUse& use) {
  const json object = parse_object(text);
  read(object, "shared_s", use.shared);
  read(object, "held_ours_s", use.held_ours);
  read(object, "held_all_s", use.held_all);
  read(object, "part_ours_s", use.part_ours);
  read(object, "busy_told_s", use.busy_told);
  read(object, "busy_ours_s", use.busy_ours);
  read(object, "busy_all_s", use.busy_all);
}

std::string to_text(const SecondPath& path) {
  return dump({{"other_j", as_joules(path.other)},
               {"own_j", as_joules(path.own)},
               {"length_s", as_seconds(path.length)},
               {"readings", path.readings},
               {"swing_w", as_watts(path.swing)}});
}

void from_text(const std::string& text, SecondPath& path) {
  const json object = parse_object(text);
  double other = 0;
  double own = 0;
  read(object, "other_j", other);
  read(object, "own_j", own);
  read(object, "length_s", path.length);
  double swing = 0;
  read(object, "readings", path.readings);
  read(object, "swing_w", swing);
  path.swing = watts(swing);
  path.other = joules(other);
  path.own = joules(own);
}

namespace {

json list(const std::vector<IntensityOrigin>& origins) {
  json all = json::array();
  for (const IntensityOrigin& origin : origins) {
    json& one = all.emplace_back(
        json{{"source", origin.source}, {"model", origin.model}, {"kind", spell(origin.kind)}});
    if (origin.issued) one["issued_ns"] = origin.issued->time_since_epoch().count();
  }
  return all;
}

IntensityOrigin origin_from(const json& object) {
  IntensityOrigin origin;
  read(object, "source", origin.source);
  read(object, "model", origin.model);
  read_enum(object, "kind", origin.kind);
  const auto issued = object.find("issued_ns");
  if (issued != object.end() && issued->is_number_integer())
    origin.issued = Utc(Duration(issued->get<std::int64_t>()));
  return origin;
}

}  // namespace

std::string to_text(const IntensityUsed& about) {
  return dump({{"asked", about.asked},
               {"resolved_by", about.resolved_by},
               {"place_assumed", about.place_assumed},
               {"scope", about.scope ? json(spell(*about.scope)) : json(nullptr)},
               {"gas", spell(about.gas)},
               {"model", about.model},
               {"step_s", as_seconds(about.step)},
               {"fallback", about.fallback},
               {"provisional", about.provisional},
               {"error_low_fraction", or_null(about.error_low_rel)},
               {"error_high_fraction", or_null(about.error_high_rel)},
               {"error_reference", about.error_reference},
               {"licence", about.licence},
               {"origins", list(about.origins)}});
}

void from_text(const std::string& text, IntensityUsed& about) {
  const json object = parse_object(text);
  read(object, "asked", about.asked);
  read(object, "resolved_by", about.resolved_by);
  read(object, "place_assumed", about.place_assumed);
  std::string scope;
  read(object, "scope", scope);
  about.scope = read_word<Scope>(scope);
  read_enum(object, "gas", about.gas);
  read(object, "model", about.model);
  read(object, "step_s", about.step);
  read(object, "fallback", about.fallback);
  read(object, "provisional", about.provisional);
  read(object, "error_low_fraction", about.error_low_rel);
  read(object, "error_high_fraction", about.error_high_rel);
  read(object, "error_reference", about.error_reference);
  read(object, "licence", about.licence);
  const auto origins = object.find("origins");
  if (origins == object.end() || !origins->is_array()) return;
  for (const json& member : *origins) about.origins.push_back(origin_from(member));
}

std::string to_text(const IntensitySeries& series) {
  json all = json::array();
  for (const IntensityPiece& piece : series.pieces()) {
    all.push_back({piece.span.begin.time_since_epoch().count(),
                   piece.span.end.time_since_epoch().count(), as_grams_per_kwh(piece.value),
                   spell(piece.quality), piece.origin});
  }
  return all.dump();
}

Result<IntensitySeries> series_from_text(const std::string& text) {
  const json all = json::parse(text, nullptr, false);
  std::vector<IntensityPiece> pieces;
  if (!all.is_array()) return IntensitySeries::from({});
  for (const json& row : all) {
    if (!row.is_array() || row.size() != 5) continue;
    const auto time = [&](int i) { return Utc(Duration(row[i].get<std::int64_t>())); };
    pieces.push_back({{time(0), time(1)},
                      grams_per_kwh(row[2].get<double>()),
                      read_word<Quality>(row[3].get<std::string>()).value_or(Quality::gap),
                      row[4].get<std::uint32_t>()});
  }
  return IntensitySeries::from(std::move(pieces));
}

}  // namespace lowtide::record
