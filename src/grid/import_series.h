// Files of intensity as people have them (grid/import.h) as one series, without keeping it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "grid/import.h"
#include "series/run.h"

namespace lowtide::grid {

struct FilesSeries {
  // Zone, signal, scope, gas, step, `file`, the model of an import, and the series: a row holds for
  // its file's step, at most to the next row; a blank is a gap.
  IntensityUsed used;
  std::vector<ImportReport> reports;  // a file
};

// Errors: those of check_files() and MergedRows; usage where the files hold more than one series
// (names the columns: say --column or --scope).
[[nodiscard]] Result<FilesSeries> read_series(std::span<const std::string> files,
                                              const ImportWish& wish);

}  // namespace lowtide::grid
