// lowtide's own CSV of carbon intensity: `time,g_per_kwh`, in UTC and g/kWh.
//
// A row holds from its time for the file's step (its most frequent difference, or the step given),
// at most to the next row; what is left is a gap, and the last row holds one step. A row without a
// value is a gap. Rows stand in order of time. An equal row twice is dropped and counted; the same
// time with another value, a step back, an unknown column and anything that is no number are errors
// that name file, line and field. LF or CRLF, with or without a byte order mark; times with Z, an
// offset or neither (read as UTC, which notes() says). One pass, no copies of the text: 105,408
// rows take a few tens of ms.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "grid/provider.h"
#include "grid/step_watch.h"
#include "series/intensity_series.h"

namespace lowtide::grid {

struct CsvSeries {
  IntensitySeries series;
  Duration step{};
  int rows = 0;            // data rows, duplicates and blanks included
  int duplicates = 0;      // equal rows dropped
  int missing = 0;         // rows without a value
  std::int64_t gaps = 0;   // holes between rows
  int without_offset = 0;  // rows whose time says neither Z nor an offset: read as UTC
  std::vector<StepChange> step_changes;
};

// `name` is what errors call the file; `step` overrides the most frequent difference.
[[nodiscard]] Result<CsvSeries> parse_csv_series(std::string_view text, const std::string& name,
                                                 std::optional<Duration> step = std::nullopt);

// Reads and parses `path`. `base` carries zone, place and signal.
[[nodiscard]] Result<std::unique_ptr<Provider>> open_csv_series(const std::string& path,
                                                                IntensityUsed base);

}  // namespace lowtide::grid
