#include "study/scale.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "plan/sweep.h"

namespace lowtide::study {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Neither policy costs more than starting at once: less than nothing is rounding of the kernels,
// and hundredths hide what is left of it.
float saving(Carbon baseline, Carbon cost) {
  if (std::isnan(as_grams(baseline)) || std::isnan(as_grams(cost))) return kNaN;
  if (!(as_grams(baseline) > 0)) return 0;
  const double hundredths = std::round(1e4 * (1 - as_grams(cost) / as_grams(baseline)));
  return static_cast<float>(std::max(0.0, hundredths) / 100);
}

std::vector<float> savings(std::span<const Carbon> baseline, std::span<const Carbon> cost,
                           std::size_t starts) {
  std::vector<float> out(starts, kNaN);
  for (std::size_t t = 0; t < cost.size(); ++t) out[t] = saving(baseline[t], cost[t]);
  return out;
}

}  // namespace

std::vector<ScaleColumn> columns_of(const ScaleAxes& axes) {
  std::vector<ScaleColumn> out;
  for (std::size_t length = 0; length < axes.lengths.size(); ++length) {
    for (std::size_t slack = 0; slack < axes.slacks.size(); ++slack) {
      for (const StudyPolicy policy : kScalePolicies) out.push_back({length, slack, policy});
    }
  }
  return out;
}

std::vector<Intensity> coarser(std::span<const Intensity> slots, std::size_t count) {
  std::vector<Intensity> out;
  out.reserve(slots.size() / count);
  for (std::size_t at = 0; at + count <= slots.size(); at += count) {
    const auto some = slots.subspan(at, count);
    // Of one value it is that value to the last bit.
    const bool one =
        std::adjacent_find(some.begin(), some.end(), std::not_equal_to<>()) == some.end();
    const Intensity sum = std::accumulate(some.begin(), some.end(), Intensity{});
    out.push_back(one ? some.front() : sum * (1 / static_cast<double>(count)));
  }
  return out;
}

std::vector<std::vector<float>> savings_of(std::span<const Intensity> intensity,
                                           const ScaleAxes& axes) {
  std::vector<std::size_t> slacks;
  slacks.reserve(axes.slacks.size());
  for (const ScaleTime& slack : axes.slacks) slacks.push_back(slack.slots);
  const plan::RankedSeries ranked(intensity);
  std::vector<std::vector<float>> out;
  for (const ScaleTime& length : axes.lengths) {
    const std::vector<Energy> work(length.slots, kwh(1));
    const auto baseline = plan::baseline_for_all(intensity, work);
    const auto flexible = plan::flexible_start_for_all(baseline, slacks);
    for (std::size_t i = 0; i < slacks.size(); ++i) {
      const auto lowest = plan::flat_lowest_slots_for_all(ranked, kwh(1), length.slots, slacks[i]);
      out.push_back(savings(baseline, flexible[i], intensity.size()));
      out.push_back(savings(baseline, lowest, intensity.size()));
    }
  }
  return out;
}

}  // namespace lowtide::study
