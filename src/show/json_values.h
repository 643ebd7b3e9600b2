// Values as lowtide's JSON has them: numbers unrounded, times UTC, unknown null and never absent.
// For the JSON of this folder alone.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>

#include "base/time.h"
#include "base/units.h"
#include "base/words.h"

namespace lowtide::show {

using Json = nlohmann::ordered_json;

inline Json as_number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
template <typename Value>
Json maybe(const std::optional<Value>& value) {
  if constexpr (std::is_floating_point_v<Value>) return value ? as_number(*value) : Json(nullptr);
  return value ? Json(*value) : Json(nullptr);
}
inline Json in_kwh(const std::optional<Energy>& e) {
  return e ? as_number(as_kwh(*e)) : Json(nullptr);
}
inline Json in_grams(const std::optional<Carbon>& c) {
  return c ? as_number(as_grams(*c)) : Json(nullptr);
}
inline Json in_g_per_kwh(const std::optional<Intensity>& i) {
  return i ? as_number(as_grams_per_kwh(*i)) : Json(nullptr);
}
inline Json in_seconds(const std::optional<Duration>& d) {
  return d ? as_number(as_seconds(*d)) : Json(nullptr);
}
inline Json in_percent(const std::optional<double>& share) {
  return share ? as_number(*share * 100) : Json(nullptr);
}
inline Json at(const std::optional<Utc>& t) { return t ? Json(format_utc(*t)) : Json(nullptr); }
// Text that may be missing: empty is not known.
inline Json text(const std::string& value) { return value.empty() ? Json(nullptr) : Json(value); }
template <typename Enum>
Json word(const std::optional<Enum>& value) {
  return value ? Json(spell(*value)) : Json(nullptr);
}

// Bytes that are not UTF-8 (a command line may hold any) become the replacement character.
inline std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lowtide::show
