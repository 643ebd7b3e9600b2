// The series and jobs that a study's file names, read and checked: its recipe becomes a Study.
#pragma once

#include <functional>
#include <string>

#include "app/study_recipe.h"
#include "base/result.h"
#include "study/study.h"

namespace lowtide::app {

// Told each region as it is read.
using StudyReading = std::function<void(std::size_t done, std::size_t all)>;

// `data`: the folder that files lie below; empty: as the recipe says. Errors: those of the readers,
// each with the region or job; usage: series that are unlike in signal, scope or gas, or that cover
// too little of the study's time, or a job longer than it.
// The other signal of each region, as StudyRegion; empty where no region has one. Errors likewise;
// usage: only some regions have one.
[[nodiscard]] Result<std::vector<study::StudyRegion>> read_other(const StudyRecipe& recipe,
                                                                 const std::string& data);

[[nodiscard]] Result<study::Study> read_study(const StudyRecipe& recipe, const std::string& data,
                                              const StudyReading& reading = {});

}  // namespace lowtide::app
