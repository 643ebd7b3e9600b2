// Rank correlation. Pure.
#pragma once

#include <vector>

namespace lowtide::study {

// Spearman's, ties by their mean rank; NaN where one of the two is constant.
[[nodiscard]] double rank_correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace lowtide::study
