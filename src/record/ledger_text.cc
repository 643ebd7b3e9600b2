#include "record/ledger_text.h"

#include <array>

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

}  // namespace

std::string to_text(const MachineShare& machine) {
  return dump({{"cpu_model", machine.cpu_model},
               {"cpus", machine.cpus},
               {"cpus_reserved", machine.cpus_reserved},
               {"memory_gb", machine.memory_gb},
               {"memory_reserved_gb", machine.memory_reserved_gb}});
}

void from_text(const std::string& text, MachineShare& machine) {
  const json object = parse_object(text);
  read(object, "cpu_model", machine.cpu_model);
  read(object, "cpus", machine.cpus);
  read(object, "cpus_reserved", machine.cpus_reserved);
  read(object, "memory_gb", machine.memory_gb);
  read(object, "memory_reserved_gb", machine.memory_reserved_gb);
}

std::string to_text(const AccountingOptions& options) {
  return dump({{"headline", spell(options.headline)},
               {"idle", kIdleWords.at(static_cast<std::size_t>(options.idle))},
               {"pue", or_null(options.pue)},
               {"pue_source", options.pue_source},
               {"pue_is_average", options.pue_is_average},
               {"embodied", options.embodied},
               {"per", options.per},
               {"location", options.location},
               {"intensity", options.intensity},
               {"subject", options.subject}});
}

void from_text(const std::string& text, AccountingOptions& options) {
  const json object = parse_object(text);
  read_enum(object, "headline", options.headline);
  std::string idle;
  read(object, "idle", idle);
  for (std::size_t i = 0; i < kIdleWords.size(); ++i) {
    if (kIdleWords[i] == idle) options.idle = static_cast<IdleRule>(i);
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
                    {"reference", term.reference}});
  }
  return dump(list);
}

void from_text(const std::string& text, std::vector<ErrorTerm>& errors) {
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) return;
  for (const json& entry : list) {
    if (!entry.is_object()) continue;
    ErrorTerm term;
    std::array<double, 4> values{};
    read_enum(entry, "kind", term.kind);
    read(entry, "low_fraction", term.low_rel);
    read(entry, "high_fraction", term.high_rel);
    read(entry, "low_w", values[0]);
    read(entry, "high_w", values[1]);
    read(entry, "low_j", values[2]);
    read(entry, "high_j", values[3]);
    read(entry, "reference", term.reference);
    term.low_power = watts(values[0]);
    term.high_power = watts(values[1]);
    term.low_once = joules(values[2]);
    term.high_once = joules(values[3]);
    errors.push_back(term);
  }
}

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
               {"licence", about.licence}});
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
  double step = 0;
  read(object, "step_s", step);
  about.step = seconds(step);
  read(object, "fallback", about.fallback);
  read(object, "provisional", about.provisional);
  read(object, "error_low_fraction", about.error_low_rel);
  read(object, "error_high_fraction", about.error_high_rel);
  read(object, "error_reference", about.error_reference);
  read(object, "licence", about.licence);
}

}  // namespace lowtide::record
