// All files of a study but its manifest, as they stand in its folder.
#pragma once

#include <vector>

#include "show/study_view.h"

namespace lowtide::show {

[[nodiscard]] std::vector<StudyFile> study_outputs(const StudyView& view);

}  // namespace lowtide::show
