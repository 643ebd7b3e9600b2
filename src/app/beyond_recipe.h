// [beyond] and [fleet] of a study's file (docs/study.md).
#pragma once

#include <string>

#include "app/study_recipe.h"
#include "app/toml_reader.h"

namespace lowtide::app {

// Where the file has them. Errors malformed: file, line, key, and what is allowed.
[[nodiscard]] Result<void> read_beyond(TomlReader& above, const std::string& path,
                                       StudyRecipe& into);

}  // namespace lowtide::app
