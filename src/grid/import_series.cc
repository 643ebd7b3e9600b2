#include "grid/import_series.h"

#include <fmt/format.h>

#include <algorithm>

#include "grid/import_merge.h"

namespace lowtide::grid {
namespace {

Result<void> one_series(const std::vector<ImportReport>& reports) {
  std::string columns;
  for (const ImportReport& report : reports) {
    if (report.file != reports.front().file) break;
    columns += columns.empty() ? report.column : " and " + report.column;
  }
  const bool alike = std::all_of(reports.begin(), reports.end(), [&](const ImportReport& each) {
    return each.key == reports.front().key && each.column == reports.front().column;
  });
  if (alike) return {};
  return fail(ErrorKind::usage, "more than one series: " + columns, reports.front().file,
              "say which with the column or the scope");
}

Result<IntensitySeries> pieces_of(std::vector<ImportReport>& reports, const ImportWish& wish) {
  std::vector<ImportReport*> of;
  of.reserve(reports.size());
  for (ImportReport& report : reports) of.push_back(&report);
  std::vector<IntensityPiece> pieces;
  const ImportProgress silent;
  MergedRows rows(of, wish, silent);
  const auto done = each_held_row(rows, [&](const MergedRow& row, Utc end) -> Result<void> {
    if (row.value) pieces.push_back({{row.time, end}, *row.value});
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  return IntensitySeries::from(std::move(pieces));
}

}  // namespace

Result<FilesSeries> read_series(std::span<const std::string> files, const ImportWish& wish) {
  auto reports = check_files(files, wish);
  if (!reports) return tl::unexpected(reports.error());
  if (const auto one = one_series(*reports); !one) return tl::unexpected(one.error());
  if (const auto named = keep_files(*reports, wish, {}, {}); !named) {
    return tl::unexpected(named.error());
  }
  auto series = pieces_of(*reports, wish);
  if (!series) return tl::unexpected(series.error());
  const ImportReport& first = reports->front();
  FilesSeries out;
  out.used.zone = first.key.zone;
  out.used.signal = first.key.signal;
  out.used.scope = first.key.scope;
  out.used.gas = first.key.gas;
  out.used.source = "file";
  out.used.model = first.key.model;
  out.used.step = first.step;
  out.used.sha256 = reports->size() == 1 ? first.sha256 : first.key.model;
  out.used.series = std::move(*series);
  out.reports = std::move(*reports);
  return out;
}

}  // namespace lowtide::grid
