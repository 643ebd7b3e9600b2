// Figures in words: what the sentences and the tables of a report both say. For show alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "show/text.h"

namespace lowtide::show {

inline std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string out;
  for (const std::string& part : parts) {
    if (!part.empty()) out += (out.empty() ? "" : between) + part;
  }
  return out;
}

template <typename Quantity>
std::string full(const std::optional<Quantity>& value, const std::optional<Quantity>& low,
                 const std::optional<Quantity>& high) {
  return value ? text_of(Figure<Quantity>{*value, low, high}).full() : "not known";
}

template <typename Quantity>
std::string brief(const std::optional<Quantity>& value) {
  return full<Quantity>(value, {}, {});
}

// "0.90 kg CO2e (0.81 to 0.99)".
inline std::string carbon_text(const Figure<Carbon>& carbon, const std::optional<Gas>& gas) {
  const FigureText text = text_of(carbon);
  return text.brief() + " " + gas_text(gas) + (text.range.empty() ? "" : " (" + text.range + ")");
}

inline std::string carbon_text(const std::optional<Carbon>& value, const std::optional<Carbon>& low,
                               const std::optional<Carbon>& high, const std::optional<Gas>& gas) {
  return value ? carbon_text({*value, low, high}, gas) : "not known";
}

}  // namespace lowtide::show
