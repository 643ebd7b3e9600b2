#include "sense/nvml_bounds.h"

#include <algorithm>

namespace lowtide::sense {
namespace {

using std::chrono::milliseconds;

constexpr int kGa100 = 80;
constexpr int kHopper = 90;

// Stated where the driver names no limit: above any single card's (B300 SXM: 1,400 W, 2025).
constexpr Power kUnknownLimit = watts(1400);

// How old a counter or a power reading may be: 20 to 100 ms, Yang et al. 2024, section 4.
constexpr Duration kUpdate = milliseconds(100);

ErrorTerm once(Energy energy, const char* reference) {
  ErrorTerm term;
  term.kind = ErrorTermKind::offset;
  term.low_once = energy;
  term.high_once = energy;
  term.reference = reference;
  return term;
}

ErrorTerm alias(double rel, const char* reference) {
  ErrorTerm term;
  term.kind = ErrorTermKind::alias;
  term.low_rel = rel;
  term.high_rel = rel;
  term.reference = reference;
  return term;
}

}  // namespace

std::optional<Duration> power_usage_window(std::optional<int> capability) {
  if (!capability) return std::nullopt;
  return *capability > kGa100 ? Duration(std::chrono::seconds(1)) : Duration::zero();
}

Power nvml_ceiling(const NvmlDevice& device) {
  constexpr double kOverLimit = 3.0;
  constexpr Power kMost = watts(5000);
  return device.limit ? std::min(kOverLimit * *device.limit, kMost) : kMost;
}

std::vector<ErrorTerm> nvml_error_terms(const NvmlDevice& device, Source source) {
  const Power limit = device.limit.value_or(kUnknownLimit);
  std::vector<ErrorTerm> terms;

  // A sensor that reads 0.95 to 1.05 of the truth: the truth is 1/1.05 to 1/0.95 of the reading.
  ErrorTerm gain;
  gain.kind = ErrorTermKind::gain;
  gain.low_rel = 1 - 1 / 1.05;
  gain.high_rel = 1 / 0.95 - 1;
  gain.reference = "+-5 %: NVML API reference; Yang et al., SC24, arXiv:2312.02741";
  terms.push_back(gain);

  ErrorTerm offset;
  offset.kind = ErrorTermKind::offset;
  offset.low_power = watts(5);
  offset.high_power = watts(5);
  offset.reference = "+-5 W: nvidia-smi manual, power.draw";
  terms.push_back(offset);

  const bool part_time = device.capability == kGa100 || device.capability == kHopper;
  if (part_time) {
    terms.push_back(alias(0.05, "a quarter of the time is sampled: Yang et al., SC24"));
    terms.back().window = milliseconds(100);
  }
  if (source == Source::nvml_counter) {
    // One end may be an update late where the other is not.
    terms.push_back(once(limit * kUpdate, "counter updated each 20 to 100 ms: Yang et al., SC24"));
    return terms;
  }
  // Each value of a device that samples part of the time stands for its whole 100 ms: polling
  // misses none of them.
  if (!part_time) terms.push_back(alias(0.02, "polled each 20 to 100 ms: docs/accuracy.md"));
  const auto window = power_usage_window(device.capability);
  const bool averaged =
      source == Source::nvml_power && window.value_or(std::chrono::seconds(1)) > Duration::zero();
  // 1/8 of the window at the head, 3/8 at the tail (docs/accuracy.md, "A mean that is shifted").
  terms.push_back(
      averaged ? once(limit * milliseconds(500),
                      "mean over 1 s, shifted: NVML API reference; docs/accuracy.md")
               : once(limit * kUpdate, "power updated each 20 to 100 ms: Yang et al., SC24"));
  return terms;
}

}  // namespace lowtide::sense
