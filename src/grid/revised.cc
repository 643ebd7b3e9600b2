#include "grid/revised.h"

#include <algorithm>
#include <vector>

namespace lowtide::grid {

IntensitySeries as_first_published(const IntensitySeries& today,
                                   std::span<const Revision> revisions) {
  std::vector<Revision> last_first(revisions.begin(), revisions.end());
  std::sort(last_first.begin(), last_first.end(),
            [](const Revision& a, const Revision& b) { return a.known_after > b.known_after; });
  std::vector<IntensityPiece> pieces(today.pieces().begin(), today.pieces().end());
  for (const Revision& revision : last_first) {
    auto piece = std::partition_point(pieces.begin(), pieces.end(), [&](const IntensityPiece& p) {
      return p.span.end <= revision.span.begin;
    });
    for (; piece != pieces.end() && piece->span.begin < revision.span.end; ++piece) {
      const bool within = piece->span.meet(revision.span) == piece->span;
      if (within && piece->value == revision.after) piece->value = revision.before;
    }
  }
  // Their spans are those of a series.
  return *IntensitySeries::from(std::move(pieces));
}

}  // namespace lowtide::grid
