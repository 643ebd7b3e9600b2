// The rows of one series out of several files, in order of time. What two files have alike is given
// once; a file is open only while its rows are due.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "grid/import.h"
#include "grid/import_rows.h"

namespace lowtide::grid {

struct MergedRow {
  Utc time;
  std::optional<Intensity> value;
  bool estimated = false;
  ImportReport* of = nullptr;  // the file it is from
  std::int64_t line = 0;
};

class MergedRows {
 public:
  // `reports` are of one series; both outlive it. Counts what is repeated into them.
  MergedRows(std::vector<ImportReport*> reports, const ImportWish& wish,
             const ImportProgress& progress);
  // false: there are no more. Errors: of ImportRows; malformed: two files with unlike values of one
  // time; temporary: a file was changed since it was checked.
  [[nodiscard]] Result<bool> next(MergedRow& row);

 private:
  struct Stream {
    ImportReport* report;
    std::unique_ptr<ImportRows> rows;
    ImportRow row;  // the next
  };
  Result<void> open_due();
  Result<bool> advance(Stream& stream);
  Result<bool> take(MergedRow& row);

  const ImportWish& wish_;
  const ImportProgress& progress_;
  std::vector<ImportReport*> waiting_;  // the next last
  std::vector<Stream> open_;
  std::optional<MergedRow> last_;
  std::int64_t read_ = 0;
};

// take(row, end) of each row, with the end of the time that it holds for: its file's step, at most
// to the next row.
template <typename Take>
[[nodiscard]] Result<void> each_held_row(MergedRows& rows, Take take) {
  MergedRow now;
  MergedRow next;
  auto more = rows.next(now);
  while (more && *more) {
    more = rows.next(next);
    if (!more) break;
    Utc end = now.time + now.of->step;
    if (*more) end = std::min(end, next.time);
    if (auto done = take(now, end); !done) return done;
    now = next;
  }
  if (!more) return tl::unexpected(more.error());
  return {};
}

}  // namespace lowtide::grid
