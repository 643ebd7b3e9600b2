// What [scale] of a study has made, for people and for its manifest. Computes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "show/study_manifest.h"
#include "show/text.h"
#include "study/scale.h"

namespace lowtide::show {

struct ScaleView {
  const study::Study& study;  // `slot` is the step of the starts; regions without their intensity
  study::ScaleAxes axes;
  std::size_t starts = 0;        // of each zone
  std::uint64_t known = 0;       // cells
  std::vector<double> mean_pct;  // by column: over starts, then over zones; NaN: none is known
  std::string file;              // its name
  std::uint64_t bytes = 0;       // of the file
  std::string command;           // that made it
  std::string version;           // of lowtide

  [[nodiscard]] std::uint64_t cells() const {
    return std::uint64_t{study.regions.size()} * starts * mean_pct.size();
  }
};

[[nodiscard]] std::string scale_manifest(const ScaleView& view, const StudyRecipeText& recipe,
                                         const std::vector<StudyWritten>& written);
[[nodiscard]] std::string scale_text(const ScaleView& view, const std::string& folder,
                                     const Style& style);

}  // namespace lowtide::show
