// The series and jobs that a study's file names, read and checked: its recipe becomes a Study.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/study_recipe.h"
#include "base/result.h"
#include "study/study.h"

namespace lowtide::app {

// Told each region as it is read.
using StudyReading = std::function<void(std::size_t done, std::size_t all)>;

// `data`: the folder that files lie below; empty: as the recipe says. Errors: those of the readers,
// each with the region or job; usage: series that are unlike in signal, scope or gas, or that cover
// too little of the study's time, or a job longer than it.
[[nodiscard]] Result<study::Study> read_study(const StudyRecipe& recipe, const std::string& data,
                                              const StudyReading& reading = {});

// The other signal of each region, as StudyRegion; empty where no region has one. Errors likewise;
// usage: only some regions have one.
[[nodiscard]] Result<std::vector<study::StudyRegion>> read_other(const StudyRecipe& recipe,
                                                                 const std::string& data);

// The folder that files lie below. `data`: as read_study() has it.
[[nodiscard]] std::string folder_of(const StudyRecipe& recipe, const std::string& data);
// Those that fit, sorted, by their paths. Error absent: a pattern that fits nothing.
[[nodiscard]] Result<std::vector<std::string>> find_files(const std::string& folder,
                                                          const std::vector<std::string>& patterns);
// One region by slots of 5 minutes, from `series`, its own or its other one; many threads may read.
[[nodiscard]] Result<study::StudyRegion> read_region(const StudyRecipe& recipe,
                                                     const RegionRecipe& region,
                                                     const SeriesRecipe& series,
                                                     const std::string& folder);
// Figures of one study are of one signal, scope and gas. Error usage: these are not.
[[nodiscard]] Result<void> check_alike(const std::vector<study::StudyRegion>& regions);

}  // namespace lowtide::app
