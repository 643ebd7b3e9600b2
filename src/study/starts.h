// One job over every start of a series: spread, best start, by month and by hour of the start.
// Pure.
//
// Input is what each start would emit (plan::baseline_for_all): a start every 5 minutes of UTC, NaN
// where it touches a gap. Such a start has no result and counts nowhere. docs/methods.md,
// "Comparison".
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "base/units.h"

namespace lowtide::study {

// Over the starts that have a result; without any (`starts` is 0) the figures mean nothing.
struct Range {
  std::size_t starts = 0;
  Carbon min;
  Carbon mean;
  Carbon max;
};

struct StartFigures {
  Range all;
  Carbon q1;  // quartiles: linear between the two nearest starts
  Carbon median;
  Carbon q3;
  Utc best_begin;             // of the lowest; the earliest of several
  std::optional<Carbon> now;  // of the start whose slot holds `now`; absent: none does, or a gap
  std::array<Range, 12> months{};  // of UTC, by the start; January first
  std::array<Range, 24> hours{};   // of UTC, by the start
};

// `first` is the begin of the first start's slot.
[[nodiscard]] StartFigures figures_of(std::span<const Carbon> by_start, Utc first,
                                      std::optional<Utc> now);

// The same with `more` at every start.
[[nodiscard]] StartFigures plus(StartFigures figures, Carbon more);

// The value at `share` of the way from the lowest to the highest of `values`, of which there is one
// at least; linear between the two nearest. They are reordered.
[[nodiscard]] Carbon quantile(std::vector<Carbon>& values, double share);

}  // namespace lowtide::study
