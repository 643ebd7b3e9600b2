#include "grid/import_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/quote.h"
#include "grid/fields.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

using Line = std::optional<std::string_view>;

// What programs write for a value that is not there.
constexpr auto kBlanks =
    std::to_array<std::string_view>({"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "-"});

bool is_blank(std::string_view field) {
  return std::find(kBlanks.begin(), kBlanks.end(), field) != kBlanks.end();
}

bool is_true(std::string_view field) {
  return field == "true" || field == "True" || field == "TRUE" || field == "1";
}

Error no_number(std::string_view field, std::string where) {
  const bool comma = field.find(',') != std::string_view::npos;
  return {ErrorKind::malformed, in_quotes(field) + " is not a number", std::move(where),
          comma ? "write numbers with a point, not with a comma"
                : "leave the field empty where there is no value"};
}

// The first row whose date can only be read in one way says it for the file.
Result<std::optional<DateOrder>> find_order(const std::string& path, std::size_t column) {
  auto lines = host::Lines::open(path);
  if (!lines) return tl::unexpected(lines.error());
  std::vector<std::string_view> fields;
  std::deque<std::string> scratch;
  for (Result<Line> line = lines->next(); line; line = lines->next()) {
    if (!*line) return std::optional<DateOrder>();
    if (!split_fields(**line, fields, scratch) || fields.size() <= column) continue;
    if (const auto order = proven_order(fields[column])) return order;
  }
  return std::optional<DateOrder>();  // the error is met again by who reads the rows
}

// The first line that has something on it: the second is looked at to see how dates are written.
Result<Line> first_line(host::Lines& lines) {
  while (true) {
    auto line = lines.next();
    if (!line || !*line || !trim(**line).empty()) return line;
  }
}

// Whether the dates of the file's first row may have the day or the month first.
Result<bool> two_orders(const std::string& path, std::size_t column) {
  auto lines = host::Lines::open(path);
  if (!lines) return tl::unexpected(lines.error());
  std::vector<std::string_view> fields;
  std::deque<std::string> scratch;
  Result<Line> line = first_line(*lines);
  if (line && *line) line = first_line(*lines);
  if (!line || !*line || !split_fields(**line, fields, scratch)) return false;
  return fields.size() > column && has_two_orders(fields[column]);
}

// Which comes first in the file's dates, where the user has not said it.
Result<void> settle_dates(const std::string& path, const ImportHeader& header, TimeWish& times) {
  if (times.dates || header.rule == TimeRule::hours || header.rule == TimeRule::none) return {};
  const auto two = two_orders(path, *header.time);
  if (!two) return tl::unexpected(two.error());
  if (!*two) return {};
  const auto order = find_order(path, *header.time);
  if (!order) return tl::unexpected(order.error());
  times.dates = *order;
  return {};
}

}  // namespace

ImportRows::ImportRows(host::Lines lines, ImportHeader header, ImportTimes times)
    : lines_(std::move(lines)), header_(std::move(header)), times_(std::move(times)) {}

Result<ImportRows> ImportRows::open(const std::string& path, const ImportWish& wish,
                                    host::SeeBytes see) {
  auto lines = host::Lines::open(path, std::move(see));
  if (!lines) return tl::unexpected(lines.error());
  const auto first = first_line(*lines);
  if (!first) return tl::unexpected(first.error());
  if (!*first) return fail(ErrorKind::malformed, "the file is empty", path, "download it again");
  std::vector<std::string_view> fields;
  std::deque<std::string> scratch;
  if (!split_fields(**first, fields, scratch)) {
    return fail(ErrorKind::malformed, "a quote is not closed", path + ":1");
  }
  auto header = read_header({fields.begin(), fields.end()}, path, wish);
  if (!header) return tl::unexpected(header.error());
  TimeWish times = wish.times;
  if (auto settled = settle_dates(path, *header, times); !settled) {
    return tl::unexpected(std::move(settled.error()));
  }
  auto made = ImportTimes::from(header->rule, times);
  if (!made) {
    made.error().where = path + ", " + made.error().where;
    return tl::unexpected(made.error());
  }
  return ImportRows(std::move(*lines), std::move(*header), std::move(*made));
}

std::string ImportRows::where(std::int64_t line, std::string_view field) const {
  std::string out = fmt::format("{}:{}", lines_.path(), line);
  if (!field.empty()) out += fmt::format(", field {}", field);
  return out;
}

Result<bool> ImportRows::next(ImportRow& row) {
  while (true) {
    const auto line = lines_.next();
    if (!line) return tl::unexpected(line.error());
    if (!*line) {
      if (last_) return false;
      return fail(ErrorKind::malformed, "there are no rows behind the header", lines_.path());
    }
    if (header_.width > 1 && trim(**line).empty()) continue;
    if (auto read = read_row(**line, row); !read) return tl::unexpected(std::move(read.error()));
    const auto again = repeats(row);
    if (!again) return tl::unexpected(again.error());
    if (*again) {
      ++duplicates_;
      continue;
    }
    last_ = row;
    return true;
  }
}

Result<void> ImportRows::check_width(std::string_view line) const {
  if (fields_.size() == header_.width) return {};
  // 84,73 in a table of two columns has three fields.
  const bool comma = fields_.size() > header_.width && line.find('"') == std::string_view::npos;
  return fail(ErrorKind::malformed,
              fmt::format("{} fields, and the header has {}", fields_.size(), header_.width),
              where(lines_.number(), {}),
              comma ? "is it a decimal comma? write numbers with a point"
                    : "the line may be cut off: download the file again");
}

Result<void> ImportRows::read_row(std::string_view line, ImportRow& row) {
  row.line = lines_.number();
  if (!split_fields(line, fields_, scratch_)) {
    return fail(ErrorKind::malformed, "a quote is not closed", where(row.line, {}));
  }
  if (auto right = check_width(line); !right) return right;
  const auto time = times_.read(header_.time ? fields_[*header_.time] : std::string_view());
  if (!time) {
    Error error = time.error();
    error.where = where(row.line, header_.time ? "time" : "");
    return tl::unexpected(std::move(error));
  }
  row.time = *time;
  row.estimated = header_.estimated && is_true(fields_[*header_.estimated]);
  if (header_.zone) {
    if (auto same = check_zone(row.line); !same) return same;
  }
  return read_values(row);
}

Result<void> ImportRows::read_values(ImportRow& row) const {
  for (std::size_t i = 0; i < header_.columns.size(); ++i) {
    const ImportColumn& column = header_.columns[i];
    const std::string_view field = fields_[column.at];
    row.values[i].reset();
    if (is_blank(field)) continue;
    const auto number = read_number(field);
    if (!number) return tl::unexpected(no_number(field, where(row.line, column.name)));
    row.values[i] = grams_per_kwh(*number * column.unit.g_per_kwh);
  }
  return {};
}

Result<void> ImportRows::check_zone(std::int64_t line) {
  const std::string_view said = fields_[*header_.zone];
  if (zone_.empty()) zone_ = said;
  if (said == zone_) return {};
  return fail(ErrorKind::malformed,
              fmt::format("zone {} after zone {}", in_quotes(said), in_quotes(zone_)),
              where(line, "zone"), "cut the file by zone: a series has one");
}

Result<bool> ImportRows::repeats(const ImportRow& row) const {
  if (!last_ || row.time > last_->time) return false;
  if (row.time < last_->time) {
    return fail(ErrorKind::malformed,
                fmt::format("the time goes back from {} (line {}) to {}", format_utc(last_->time),
                            last_->line, format_utc(row.time)),
                where(row.line, "time"),
                "sort the rows by time; local time with summer time needs an offset in each stamp");
  }
  for (std::size_t i = 0; i < header_.columns.size(); ++i) {
    if (row.values[i] == last_->values[i]) continue;
    return fail(
        ErrorKind::malformed,
        fmt::format("another value for {} than in line {}", format_utc(row.time), last_->line),
        where(row.line, header_.columns[i].name), "keep one of the two rows");
  }
  return true;
}

}  // namespace lowtide::grid
