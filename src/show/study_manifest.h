// manifest.json of a study: all that its figures came from, and what was written. `lowtide study
// manifest.json` makes them again. docs/study.md, docs/schema/lowtide.study-1.schema.json.
#pragma once

#include <string>
#include <vector>

#include "show/study_view.h"

namespace lowtide::show {

struct StudyRecipeText {
  std::string name;  // of the file
  std::string text;
};
// A written file and its hash.
using StudyWritten = study::SourceFile;

[[nodiscard]] std::string study_manifest(const StudyView& view, const StudyRecipeText& recipe,
                                         const std::vector<StudyWritten>& written);

}  // namespace lowtide::show
