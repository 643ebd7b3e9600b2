#include "study/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace lowtide::study {
namespace {

constexpr int kDraws = 2000;

// The same on every machine, which std's distributions are not.
class Draw {
 public:
  std::size_t operator()(std::size_t count) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>((state_ >> 33) % count);
  }

 private:
  std::uint64_t state_ = 20211231;
};

void add(const WeekSums& week, WeekSums& sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += week[i];
}

}  // namespace

Spread over_weeks(std::span<const WeekSums> weeks, const FigureOf& figure) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  if (weeks.empty()) return {kNaN, kNaN, kNaN};
  WeekSums all(weeks.front().size());
  for (const WeekSums& week : weeks) add(week, all);
  Draw draw;
  std::vector<double> drawn;
  for (int i = 0; i < kDraws; ++i) {
    WeekSums sums(all.size());
    for (std::size_t w = 0; w < weeks.size(); ++w) add(weeks[draw(weeks.size())], sums);
    const double value = figure(sums);
    if (!std::isnan(value)) drawn.push_back(value);
  }
  if (drawn.empty()) return {figure(all), kNaN, kNaN};
  std::sort(drawn.begin(), drawn.end());
  const auto at = [&](double share) {
    return drawn[static_cast<std::size_t>(share * static_cast<double>(drawn.size() - 1))];
  };
  return {figure(all), at(0.025), at(0.975)};
}

}  // namespace lowtide::study
