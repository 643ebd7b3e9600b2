// A series as its provider first published it.
#pragma once

#include <span>

#include "grid/kept_series.h"
#include "series/intensity_series.h"

namespace lowtide::grid {

// `today` with each value put back that a revision changed, the last revision first. A piece that
// no revision led to (finer, or of another source) stays as it is.
[[nodiscard]] IntensitySeries as_first_published(const IntensitySeries& today,
                                                 std::span<const Revision> revisions);

}  // namespace lowtide::grid
