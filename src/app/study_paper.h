// The figures and jobs that Dodge et al. 2022 print: data/paper_2022.csv and paper_2022_jobs.csv.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "show/study_view.h"
#include "study/study.h"

namespace lowtide::app {

// Error: absent (no such file), malformed (file:line).
[[nodiscard]] Result<std::vector<show::PaperFigure>> paper_figures(const std::string& data_folder);

// Flat, in slots of 5 minutes; GPU alone, as the paper has them.
[[nodiscard]] Result<std::vector<study::StudyJob>> paper_jobs(const std::string& data_folder);

}  // namespace lowtide::app
