// Series made for the tests of this folder: a day's shape, weather that fades, noise; the same
// numbers on every machine.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "forecast/history.h"

namespace lowtide::forecast {

// Nearly normal, mean 0, variance 1.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed) {}
  double operator()() {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum - 6;
  }

 private:
  double uniform() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 11) / 9007199254740992.0;
  }
  std::uint64_t state_;
};

// 300 g/kWh, a wave of a day, and a deviation of which `kept` is left after an hour.
inline History made(std::size_t days, Duration step, double kept, double noise,
                    std::uint64_t seed = 1) {
  History history{*parse_utc("2021-01-04T00:00Z"), step, {}};
  Noise draw(seed);
  double off = 0;
  const double of_slot = std::pow(kept, as_hours(step));
  const auto per_day = static_cast<double>(kDay / step);
  for (std::size_t i = 0; i < days * static_cast<std::size_t>(kDay / step); ++i) {
    off = off * of_slot + noise * std::sqrt(1 - of_slot * of_slot) * draw();
    const double wave = std::sin(2 * std::numbers::pi * static_cast<double>(i) / per_day);
    history.values.push_back(grams_per_kwh(std::max(0.0, 300 + 80 * wave + off)));
  }
  return history;
}

}  // namespace lowtide::forecast
