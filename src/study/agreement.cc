#include "study/agreement.h"

#include <cmath>
#include <vector>

#include "study/rank.h"

namespace lowtide::study {

Agreement agreement_of(std::span<const FigurePair> pairs) {
  Agreement out;
  out.cells = pairs.size();
  std::vector<double> ours;
  std::vector<double> theirs;
  const auto off = [&](std::size_t i) { return pairs[i].ours - pairs[i].theirs; };
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    ours.push_back(pairs[i].ours);
    theirs.push_back(pairs[i].theirs);
    out.mean_off += off(i);
    out.mean_apart += std::abs(off(i));
    if (std::abs(off(i)) > std::abs(off(out.furthest))) out.furthest = i;
  }
  out.mean_off /= static_cast<double>(pairs.size());
  out.mean_apart /= static_cast<double>(pairs.size());
  out.rank = rank_correlation(ours, theirs);
  return out;
}

}  // namespace lowtide::study
