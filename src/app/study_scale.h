// [scale] of a study carried out: zone by zone, on all cores, written as they are done.
#pragma once

#include <string>

#include "app/study_recipe.h"
#include "base/result.h"

namespace lowtide::app {

struct ScaleAsked {
  const StudyRecipe& recipe;  // has `scale`
  std::string name;           // of the recipe's file
  std::string data;           // folder of the series, as --data has it
  std::string folder;         // for the file and its manifest
};
struct ScaleMade {
  std::string text;      // for stdout
  std::string manifest;  // as written
};
// Errors: those of the series and of the disk; then nothing is written.
[[nodiscard]] Result<ScaleMade> make_scale(const ScaleAsked& asked);

}  // namespace lowtide::app
