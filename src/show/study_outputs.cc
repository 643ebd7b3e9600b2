#include "show/study_outputs.h"

#include "show/study_csv.h"
#include "show/study_tables.h"

namespace lowtide::show {

std::vector<StudyFile> study_outputs(const StudyView& view) {
  std::vector<StudyFile> out = {{"results.csv", study_results_csv(view)},
                                {"cells.csv", study_cells_csv(view)}};
  for (StudyFile& table : study_tables(view)) out.push_back(std::move(table));
  return out;
}

}  // namespace lowtide::show
