#include "plan/sweep_reference.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lowtide::plan::reference {
namespace {

// Starts with a window of this many slots in a series.
std::size_t starts(std::size_t series, std::size_t window) {
  return series < window || window == 0 ? 0 : series - window + 1;
}

// run[j]: j work slots are done and the last of them in this slot; idle[j]: in an earlier one.
Carbon exact_of_window(std::span<const Intensity> window, std::span<const Energy> work,
                       Energy resume) {
  const Carbon never = grams(INFINITY);
  std::vector<Carbon> run(work.size() + 1, never);
  std::vector<Carbon> idle(work.size() + 1, never);
  for (const Intensity c : window) {
    for (std::size_t j = work.size(); j > 0; --j) {
      idle[j] = std::min(idle[j], run[j]);
      const Carbon before = j == 1 ? Carbon() : std::min(run[j - 1], idle[j - 1] + resume * c);
      run[j] = before + work[j - 1] * c;
    }
  }
  return std::min(run.back(), idle.back());
}

}  // namespace

std::vector<Carbon> baseline_for_all(std::span<const Intensity> intensity,
                                     std::span<const Energy> work) {
  std::vector<Carbon> out(starts(intensity.size(), work.size()));
  for (std::size_t t = 0; t < out.size(); ++t) {
    for (std::size_t j = 0; j < work.size(); ++j) out[t] += work[j] * intensity[t + j];
  }
  return out;
}

std::vector<std::vector<Carbon>> flexible_start_for_all(std::span<const Carbon> baseline,
                                                        std::span<const std::size_t> slacks) {
  std::vector<std::vector<Carbon>> out;
  for (const std::size_t slack : slacks) {
    auto& least = out.emplace_back(starts(baseline.size(), slack + 1));
    for (std::size_t t = 0; t < least.size(); ++t) {
      least[t] = baseline[t];
      for (std::size_t x = t; x <= t + slack; ++x) {
        // NaN, once met, stays.
        if (std::isnan(as_grams(baseline[x])) || baseline[x] < least[t]) least[t] = baseline[x];
      }
    }
  }
  return out;
}

LowestSlots lowest_slots_for_all(std::span<const Intensity> intensity, std::span<const Energy> work,
                                 std::size_t slack) {
  LowestSlots out;
  for (std::size_t t = 0; t < starts(intensity.size(), work.size() + slack); ++t) {
    const auto window = intensity.subspan(t, work.size() + slack);
    if (!std::all_of(window.begin(), window.end(), is_known)) {
      out.carbon.push_back(grams(std::nan("")));
      out.resumes.push_back(0);
      out.at_resumes.push_back(grams_per_kwh(std::nan("")));
      continue;
    }
    Slots slots(window.size());
    std::iota(slots.begin(), slots.end(), 0);
    std::sort(slots.begin(), slots.end(), [&](std::size_t a, std::size_t b) {
      return window[a] != window[b] ? window[a] < window[b] : a < b;
    });
    slots.resize(work.size());
    std::sort(slots.begin(), slots.end());
    const Cost cost = cost_of({.intensity = window, .work = work}, slots);
    out.carbon.push_back(cost.total());
    out.resumes.push_back(static_cast<std::uint32_t>(cost.resumes));
    Intensity& at_resumes = out.at_resumes.emplace_back();
    for (std::size_t j = 1; j < slots.size(); ++j) {
      if (slots[j] > slots[j - 1] + 1) at_resumes += window[slots[j]];
    }
  }
  return out;
}

std::vector<std::vector<Carbon>> exact_for_starts(std::span<const Intensity> intensity,
                                                  const ManyStarts& asked) {
  std::vector<std::vector<Carbon>> out;
  for (const std::size_t slack : asked.slacks) {
    auto& costs = out.emplace_back();
    for (const std::size_t start : asked.starts) {
      const std::size_t slots = asked.work.size() + slack;
      const bool inside = start + slots <= intensity.size();
      const auto window = inside ? intensity.subspan(start, slots) : std::span<const Intensity>();
      const bool known = inside && std::all_of(window.begin(), window.end(), is_known);
      costs.push_back(known ? exact_of_window(window, asked.work, asked.resume)
                            : grams(std::nan("")));
    }
  }
  return out;
}

}  // namespace lowtide::plan::reference
