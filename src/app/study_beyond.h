// [beyond] and [fleet] of a study: what is planned start by start, and jobs on machines, beside the
// cells.
#pragma once

#include <string>

#include "app/study_recipe.h"
#include "show/study_view.h"

namespace lowtide::app {

// What is asked for, into the view; reads the regions' other signal.
[[nodiscard]] Result<void> begin_beyond(const StudyRecipe& recipe, const std::string& data,
                                        show::StudyView& view);
// Computes it, on all cores.
[[nodiscard]] Result<void> look_beyond(show::StudyView& view);

}  // namespace lowtide::app
