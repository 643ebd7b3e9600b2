#include "plan/gate.h"

#include <algorithm>
#include <cmath>

namespace lowtide::plan {
namespace {

constexpr double kTail = 0.1;  // on either side of the range

std::vector<Intensity> had_it_been(std::span<const Intensity> said, const Off& off) {
  std::vector<Intensity> came(said.begin(), said.end());
  for (std::size_t i = 0; i < came.size(); ++i) {
    came[i] += off[i];
    if (came[i] < Intensity{}) came[i] = {};  // not where it is not known
  }
  return came;
}

double ranked(const std::vector<double>& sorted, double share) {
  const auto place = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(place, sorted.size() - 1)];
}

}  // namespace

std::optional<SavedRange> saved_range(const Problem& problem, const Slots& now, const Slots& chosen,
                                      std::span<const Off> off) {
  std::vector<double> savings;
  for (const Off& each : off) {
    const std::vector<Intensity> came = had_it_been(problem.intensity, each);
    Problem then = problem;
    then.intensity = came;
    const double base = as_grams(cost_of(then, now).total());
    const double saving = 1 - as_grams(cost_of(then, chosen).total()) / base;
    if (std::isfinite(saving)) savings.push_back(saving);
  }
  if (savings.size() < kFewestOff) return std::nullopt;
  std::sort(savings.begin(), savings.end());
  const double last =
      savings[savings.size() - 1 -
              static_cast<std::size_t>(kTail * static_cast<double>(savings.size()))];
  return SavedRange{ranked(savings, kTail), last, ranked(savings, kGateQuantile), savings.size()};
}

}  // namespace lowtide::plan
