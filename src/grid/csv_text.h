// A series as lowtide's own CSV: what parse_csv_series() and `grid import` read back to the same
// pieces and the same bits of each value.
//
// A row a step, in UTC. A piece that is longer is written as several rows; where one ends before
// its step is over and nothing follows, a row without a value says so. A gap is no row at all, or
// rows without a value where the reader would else take another step than the one meant. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "series/intensity_series.h"

namespace lowtide::grid {

// Errors: absent (no values), usage (they follow no step, and the form has room for one alone).
[[nodiscard]] Result<std::string> csv_text(const IntensitySeries& series);

// The length that most pieces have, the shorter of two; zero: there is none.
[[nodiscard]] Duration usual_length(const IntensitySeries& series);

}  // namespace lowtide::grid
