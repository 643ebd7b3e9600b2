// Figures in words: what the sentences and the tables of a report both say. For show alone.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "account/report.h"
#include "account/sum.h"
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

// The half-width of the energy as a share of it. Carbon is energy x intensity: where the error of
// the intensity is not known, that of the energy still is.
inline double energy_share(const std::optional<Energy>& value, const std::optional<Energy>& low,
                           const std::optional<Energy>& high) {
  if (!value || !low || !high || *value <= Energy{}) return 0;
  return std::max(*high - *value, *value - *low) / *value;
}

// Carbon of a run, with its bounds.
inline Figure<Carbon> carbon_figure(const account::Report& report, Carbon value,
                                    const std::optional<Carbon>& low,
                                    const std::optional<Carbon>& high) {
  const account::EnergyReport& energy = report.energy;
  return {value, low, high, energy_share(energy.total, energy.total_low, energy.total_high)};
}
inline Figure<Carbon> total_carbon(const account::Report& report) {
  return carbon_figure(report, *report.carbon.total, report.carbon.low, report.carbon.high);
}
inline Figure<Carbon> operational_carbon(const account::Report& report) {
  const account::CarbonReport& carbon = report.carbon;
  return carbon_figure(report, *carbon.operational, carbon.operational_low,
                       carbon.operational_high);
}

// The same of several runs.
inline Figure<Carbon> total_carbon(const account::Sum& sum) {
  return {*sum.total_carbon, sum.low, sum.high,
          energy_share(sum.total, sum.total_low, sum.total_high)};
}
inline Figure<Carbon> operational_carbon(const account::Sum& sum) {
  return {*sum.operational, sum.operational_low, sum.operational_high,
          energy_share(sum.total, sum.total_low, sum.total_high)};
}

}  // namespace lowtide::show
