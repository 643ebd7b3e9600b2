// All that a study writes, but for its manifest: results.csv, cells.csv, tables/, figures/ and
// index.html.
#pragma once

#include <vector>

#include "show/study_view.h"

namespace lowtide::show {

[[nodiscard]] std::vector<StudyFile> study_files(const StudyView& view);

}  // namespace lowtide::show
