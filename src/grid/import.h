// Files of intensity as people have them, checked and made kept series (docs/import.md).
//
//   host/lines -> ImportRows (one file, in UTC and g/kWh) -> ImportReport a file and column
//                      \-> merged by time over the files -> KeptSeries, provider `import`
//
// Each file is read twice: to be checked, so that nothing of an import is kept when any of it is
// wrong, and to be kept, since how long a row holds is known when all have been seen. A row holds
// for its file's step (the most frequent, or --step), at most to the next row of the series. Memory
// grows neither with the rows nor with the files. Never asks the network.
//
// The model of a series is the first 12 digits of a SHA-256: of the file itself where it is one and
// no flag touches its times or values, so that sha256sum tells which file it was; else of a line a
// file and of those flags. So the same import again adds nothing, and another one stands beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "grid/import_header.h"
#include "grid/kept_series.h"
#include "grid/step_watch.h"

namespace lowtide::grid {

// What one value column of one file is like. Counts are of rows.
struct ImportReport {
  std::string file;
  std::string form;
  std::string column;
  std::size_t index = 0;  // among the header's columns
  SeriesKey key;          // its model once all files are read
  ImportUnit unit;
  std::string time_zone;  // for people
  Duration shift{};
  Duration step{};
  Utc first;
  Utc last;
  std::int64_t rows = 0;        // duplicates and blanks included
  std::int64_t duplicates = 0;  // equal rows within the file, dropped
  std::int64_t repeated = 0;    // that an earlier file of the import has too, dropped
  std::int64_t gaps = 0;        // distances of more than a step
  std::int64_t steps_lost = 0;  // that the gaps have room for
  std::int64_t missing = 0;     // blanks
  std::int64_t estimated = 0;   // that the file says are
  std::int64_t zeros = 0;
  std::int64_t negative = 0;
  std::int64_t absurd = 0;          // above kAbsurd
  std::int64_t low = 0;             // far below all that are near them (low_watch.h)
  std::optional<Intensity> lowest;  // absent: no row has a value
  std::optional<Intensity> mean;    // of the rows that have one
  std::optional<Intensity> highest;
  std::int64_t longest_constant = 0;  // rows in a row that say the same, blanks too
  std::vector<StepChange> step_changes;
  std::vector<std::string> warnings;  // each with what was done about it
  std::vector<std::string> ignored;   // columns
  std::string sha256;                 // of the file
  Utc changed;                        // when it was written last
  std::optional<PutResult> put;       // absent: it was only checked
};

// Above any grid: lignite alone is near 1,100 g/kWh (IPCC AR5 WG3 Annex III).
inline constexpr Intensity kAbsurd = grams_per_kwh(2000);

// Told now and then: which file, and how much of it is read.
using ImportProgress = std::function<void(const std::string& file, double share)>;

// A report a file and value column, in the order of the files. Error: the first trouble.
[[nodiscard]] Result<std::vector<ImportReport>> check_files(std::span<const std::string> files,
                                                            const ImportWish& wish,
                                                            const ImportProgress& progress = {});

// Joins the files' series by time, counts what stands twice, and keeps all of it in one transaction
// in the cache at `kept`, unless that is empty. Errors: malformed (two files with unlike values of
// one time), temporary (a file was changed meanwhile), those of KeptSeries.
[[nodiscard]] Result<void> keep_files(std::vector<ImportReport>& reports, const ImportWish& wish,
                                      const std::string& kept, Utc known,
                                      const ImportProgress& progress = {});

}  // namespace lowtide::grid
