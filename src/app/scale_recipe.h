// [scale] of a study's file (docs/study.md).
#pragma once

#include "app/study_recipe.h"
#include "app/toml_reader.h"

namespace lowtide::app {

// `out` has name, time and folder; the rest of the file is [scale] and [series]. Errors malformed:
// file, line, key, and what is allowed.
[[nodiscard]] Result<StudyRecipe> read_scale(TomlReader& reader, StudyRecipe out);

// A zone by what [series] says.
[[nodiscard]] RegionRecipe scale_region(const StudyRecipe& recipe, const std::string& zone);

}  // namespace lowtide::app
