// A study's cells as CSV: LF, a head row whose names carry the unit, an empty field where a figure
// is not known. Percents to four decimals, grams and resumes to seven digits: what the kernels hold
// on any machine. docs/formats/study.md has every column.
#pragma once

#include <string>

#include "show/study_view.h"

namespace lowtide::show {

// results.csv: the first start rule and the first resume charge; then, as zone ALL, the means over
// the zones.
[[nodiscard]] std::string study_results_csv(const StudyView& view);
// cells.csv: every cell.
[[nodiscard]] std::string study_cells_csv(const StudyView& view);

}  // namespace lowtide::show
