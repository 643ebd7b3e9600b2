// How sure a figure is that is a ratio of sums over weeks: whole weeks are drawn again and again.
// Pure: the same numbers on every run.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace lowtide::study {

struct Spread {
  double value = 0;  // of all weeks; NaN: nothing to divide by
  double low = 0;    // 2.5 % and 97.5 % quantiles of the draws
  double high = 0;
};

// A week's sums; what the figure makes of the sums of several weeks.
using WeekSums = std::vector<double>;
using FigureOf = std::function<double(std::span<const double>)>;

[[nodiscard]] Spread over_weeks(std::span<const WeekSums> weeks, const FigureOf& figure);

}  // namespace lowtide::study
