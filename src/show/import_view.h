// The check report of `lowtide grid import`, for people and as lowtide.import/1.
#pragma once

#include <span>
#include <string>

#include "grid/import.h"
#include "show/text.h"

namespace lowtide::show {

// A block a file and column; a line each where there are many.
[[nodiscard]] std::string import_text(std::span<const grid::ImportReport> reports,
                                      const Style& style);
// An array, an object a file and column.
[[nodiscard]] std::string import_json(std::span<const grid::ImportReport> reports);
// "fr.csv.gz: 43 % checked, about 12 s left": one line without its end.
[[nodiscard]] std::string import_progress(const std::string& file, double share, Duration elapsed,
                                          const char* done);

}  // namespace lowtide::show
