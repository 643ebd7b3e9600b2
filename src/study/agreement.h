// How far figures agree with those that another study printed for the same cells. Pure.
#pragma once

#include <cstddef>
#include <span>

namespace lowtide::study {

struct FigurePair {
  double ours = 0;
  double theirs = 0;
};

// In the unit of the figures; NaN where there are none.
struct Agreement {
  std::size_t cells = 0;
  double rank = 0;           // Spearman's correlation; NaN where one side is constant
  double mean_off = 0;       // ours less theirs
  double mean_apart = 0;     // of the absolute differences
  std::size_t furthest = 0;  // which pair has the largest difference; without any: 0
};
[[nodiscard]] Agreement agreement_of(std::span<const FigurePair> pairs);

}  // namespace lowtide::study
