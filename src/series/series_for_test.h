// Short ways to write down series in tests: times are minutes from 2026-01-05T00:00Z. Not part of
// the program.
#pragma once

#include <vector>

#include "series/energy_series.h"
#include "series/intensity_series.h"

namespace lowtide {

constexpr Utc minute(double m) {
  return Utc(std::chrono::seconds(1'767'571'200)) + seconds(m * 60);
}
constexpr Interval minutes_of(double from, double to) { return {minute(from), minute(to)}; }

struct Step {
  double from;
  double to;
  double value;  // joules, or g/kWh
};

inline EnergySeries energy_of(const std::vector<Step>& steps) {
  std::vector<EnergyPiece> pieces;
  pieces.reserve(steps.size());
  for (const Step& s : steps) pieces.push_back({minutes_of(s.from, s.to), joules(s.value)});
  return EnergySeries::from(std::move(pieces)).value();
}

inline IntensitySeries intensity_of(const std::vector<Step>& steps) {
  std::vector<IntensityPiece> pieces;
  pieces.reserve(steps.size());
  for (const Step& s : steps) pieces.push_back({minutes_of(s.from, s.to), grams_per_kwh(s.value)});
  return IntensitySeries::from(std::move(pieces)).value();
}

}  // namespace lowtide
