#include "show/study_outputs.h"

#include "show/study_csv.h"
#include "show/study_figures.h"
#include "show/study_html.h"
#include "show/study_tables.h"

namespace lowtide::show {

std::vector<StudyFile> study_outputs(const StudyView& view) {
  std::vector<StudyFile> out = {{"results.csv", study_results_csv(view)},
                                {"cells.csv", study_cells_csv(view)},
                                {"index.html", study_html(view)}};
  for (const auto files : {study_tables, study_figures}) {
    for (StudyFile& file : files(view)) out.push_back(std::move(file));
  }
  return out;
}

}  // namespace lowtide::show
