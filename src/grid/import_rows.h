// The rows of one file of intensity, in UTC and g/kWh, one at a time.
//
// Rows stand in order of time. An equal row twice is dropped and counted; the same time with
// another value, a step back and anything that is no number are errors that name file, line and
// field. A blank is a row without a value. Values are as the file has them, times the unit's
// factor: zeros, negative and absurd ones too. Memory does not grow with the file. docs/import.md.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "grid/import_header.h"
#include "grid/import_times.h"
#include "host/lines.h"

namespace lowtide::grid {

struct ImportRow {
  Utc time;
  std::int64_t line = 0;
  std::array<std::optional<Intensity>, ImportHeader::kMostColumns> values;
  bool estimated = false;
};

class ImportRows {
 public:
  // Errors: of host::Lines; usage (to be asked); malformed: empty, no header.
  [[nodiscard]] static Result<ImportRows> open(const std::string& path, const ImportWish& wish,
                                               host::SeeBytes see = {});

  // false: there are no more.
  [[nodiscard]] Result<bool> next(ImportRow& row);

  [[nodiscard]] const ImportHeader& header() const { return header_; }
  [[nodiscard]] const ImportTimes& times() const { return times_; }
  [[nodiscard]] const host::Lines& lines() const { return lines_; }
  [[nodiscard]] std::int64_t duplicates() const { return duplicates_; }
  [[nodiscard]] const std::string& zone() const { return zone_; }  // that the rows say; or empty
  // "FILE:LINE, field COLUMN".
  [[nodiscard]] std::string where(std::int64_t line, std::string_view field) const;

 private:
  ImportRows(host::Lines lines, ImportHeader header, ImportTimes times);
  Result<void> read_row(std::string_view line, ImportRow& row);
  Result<void> check_width(std::string_view line) const;
  Result<void> read_values(ImportRow& row) const;
  Result<void> check_zone(std::int64_t line);
  // Whether it is the row before once more; an error where it may not follow that.
  Result<bool> repeats(const ImportRow& row) const;

  host::Lines lines_;
  ImportHeader header_;
  ImportTimes times_;
  std::optional<ImportRow> last_;
  std::int64_t duplicates_ = 0;
  std::string zone_;
  std::vector<std::string_view> fields_;
  std::deque<std::string> scratch_;
};

}  // namespace lowtide::grid
