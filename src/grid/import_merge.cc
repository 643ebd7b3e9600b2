#include "grid/import_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lowtide::grid {
namespace {

constexpr std::int64_t kTellEach = 1 << 14;  // rows

bool earlier(const ImportReport* a, const ImportReport* b) {
  return std::pair(a->first, a->file) < std::pair(b->first, b->file);
}

}  // namespace

MergedRows::MergedRows(std::vector<ImportReport*> reports, const ImportWish& wish,
                       const ImportProgress& progress)
    : wish_(wish), progress_(progress), waiting_(std::move(reports)) {
  std::sort(waiting_.begin(), waiting_.end(),
            [](const ImportReport* a, const ImportReport* b) { return earlier(b, a); });
}

Result<bool> MergedRows::advance(Stream& stream) {
  if (progress_ && ++read_ % kTellEach == 0) {
    const host::Lines& lines = stream.rows->lines();
    progress_(lines.path(), static_cast<double>(lines.taken()) /
                                static_cast<double>(std::max<std::int64_t>(1, lines.size())));
  }
  return stream.rows->next(stream.row);
}

// Opens each file whose first row may be the next one.
Result<void> MergedRows::open_due() {
  const auto due = [&] {
    return !waiting_.empty() && std::all_of(open_.begin(), open_.end(), [&](const Stream& stream) {
      return waiting_.back()->first <= stream.row.time;
    });
  };
  while (due()) {
    ImportReport* report = waiting_.back();
    waiting_.pop_back();
    auto rows = ImportRows::open(report->file, wish_);
    if (!rows) return tl::unexpected(rows.error());
    if (rows->lines().changed() != report->changed) {
      return fail(ErrorKind::temporary, "it was written to while it was read", report->file,
                  "import it again once it is whole");
    }
    Stream stream{report, std::make_unique<ImportRows>(std::move(*rows)), {}};
    const auto any = advance(stream);
    if (!any) return tl::unexpected(any.error());
    if (*any) open_.push_back(std::move(stream));
  }
  return {};
}

Result<bool> MergedRows::take(MergedRow& row) {
  if (auto opened = open_due(); !opened) return tl::unexpected(std::move(opened.error()));
  if (open_.empty()) return false;
  const auto first =
      std::min_element(open_.begin(), open_.end(), [](const Stream& a, const Stream& b) {
        if (a.row.time != b.row.time) return a.row.time < b.row.time;
        return earlier(a.report, b.report);
      });
  row = {first->row.time, first->row.values[first->report->index], first->row.estimated,
         first->report, first->row.line};
  const auto more = advance(*first);
  if (!more) return tl::unexpected(more.error());
  if (!*more) open_.erase(first);
  return true;
}

Result<bool> MergedRows::next(MergedRow& row) {
  while (true) {
    const auto any = take(row);
    if (!any || !*any) return any;
    if (!last_ || last_->time != row.time) break;
    if (last_->value != row.value) {
      return fail(ErrorKind::malformed,
                  fmt::format("another value for {} than in {}:{}", format_utc(row.time),
                              last_->of->file, last_->line),
                  fmt::format("{}:{}, field {}", row.of->file, row.line, row.of->column),
                  "import the two files apart, or keep one of the two rows");
    }
    ++row.of->repeated;
  }
  last_ = row;
  return true;
}

}  // namespace lowtide::grid
