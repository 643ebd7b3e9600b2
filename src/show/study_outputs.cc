#include "show/study_outputs.h"

#include "show/study_csv.h"

namespace lowtide::show {

std::vector<StudyFile> study_outputs(const StudyView& view) {
  return {{"results.csv", study_results_csv(view)}, {"cells.csv", study_cells_csv(view)}};
}

}  // namespace lowtide::show
