#include "grid/csv_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/quote.h"
#include "grid/hash.h"
#include "grid/table.h"
#include "host/files.h"

namespace lowtide::grid {
namespace {

constexpr std::string_view kTime = "time";
constexpr std::string_view kValue = "g_per_kwh";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The years that a series may hold: within them no difference and no sum of times overflows.
constexpr std::string_view kFirstYear = "1970";
constexpr std::string_view kLastYear = "2099";
constexpr Duration kLongestStep = std::chrono::days(366);

struct CsvRow {
  Utc time;
  std::optional<Intensity> value;
  int line = 0;
  bool assumed_utc = false;  // the time says neither Z nor an offset
};

std::string_view unquote(std::string_view field) {
  field = trim(field);
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
    return field.substr(1, field.size() - 2);
  }
  return field;
}

// Z, +hh:mm or -hh:mm behind a time that parses; the dashes of a date stand before the ninth place.
bool says_offset(std::string_view time) {
  constexpr std::size_t kDate = 8;
  return time.find_first_of("Zz+-", kDate) != std::string_view::npos;
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  Result<std::vector<CsvRow>> rows(CsvSeries& counts) {
    if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
    if (rest_.empty()) return fail(ErrorKind::malformed, "the file is empty", name_);
    if (auto trouble = header()) return tl::unexpected(std::move(*trouble));
    std::vector<CsvRow> rows;
    rows.reserve(static_cast<std::size_t>(std::count(rest_.begin(), rest_.end(), '\n')) + 1);
    while (!rest_.empty()) {
      const std::string_view line = take_line(rest_);
      ++line_;
      if (trim(line).empty()) continue;
      if (auto trouble = add_row(line, rows, counts)) return tl::unexpected(std::move(*trouble));
    }
    if (rows.empty()) return fail(ErrorKind::malformed, "no data rows", name_);
    return rows;
  }

 private:
  std::optional<Error> add_row(std::string_view line, std::vector<CsvRow>& rows,
                               CsvSeries& counts) const {
    auto row = data_row(line);
    if (!row) return std::move(row.error());
    ++counts.rows;
    if (row->assumed_utc) ++counts.without_offset;
    if (!rows.empty() && row->time <= rows.back().time) {
      if (auto trouble = order(rows.back(), *row)) return trouble;
      ++counts.duplicates;
      return std::nullopt;
    }
    if (!row->value) ++counts.missing;
    rows.push_back(*row);
    return std::nullopt;
  }

  Error error(std::string message, std::string_view field = {}, std::string hint = {}) const {
    std::string where = fmt::format("{}:{}", name_, line_);
    if (!field.empty()) where += fmt::format(", field {}", field);
    return {ErrorKind::malformed, std::move(message), std::move(where), std::move(hint)};
  }

  // Finds the two columns; anything beside them is refused.
  std::optional<Error> header() {
    std::string_view line = take_line(rest_);
    constexpr std::string_view kHint = "the header is time,g_per_kwh";
    bool time = false;
    bool value = false;
    for (std::size_t column = 0; column == 0 || !line.empty(); ++column) {
      const std::size_t end = std::min(line.find(','), line.size());
      const std::string_view field = unquote(line.substr(0, end));
      line.remove_prefix(std::min(end + 1, line.size()));
      if (field == kTime && !time) {
        time = true;
        time_column_ = column;
      } else if (field == kValue && !value) {
        value = true;
      } else {
        return error("unknown column " + in_quotes(field), {}, std::string(kHint));
      }
    }
    if (!time || !value) {
      return error(fmt::format("no column '{}'", time ? kValue : kTime), {}, std::string(kHint));
    }
    return std::nullopt;
  }

  Result<CsvRow> data_row(std::string_view line) const {
    const std::size_t comma = line.find(',');
    if (comma == std::string_view::npos || line.find(',', comma + 1) != std::string_view::npos) {
      return tl::unexpected(error("a row has two fields, time and g_per_kwh"));
    }
    std::array<std::string_view, 2> fields = {line.substr(0, comma), line.substr(comma + 1)};
    const std::string_view time = unquote(fields[time_column_]);
    const std::string_view value = unquote(fields[1 - time_column_]);
    const auto when = read_time(time);
    if (!when) return tl::unexpected(error(when.error().message, kTime, when.error().hint));
    CsvRow row{*when, std::nullopt, line_, !says_offset(time)};
    if (value.empty()) return row;
    const auto number = read_number(value);
    if (!number) return tl::unexpected(error(in_quotes(value) + " is not a number", kValue));
    if (*number < 0) {
      return tl::unexpected(error(in_quotes(value) + " is below zero", kValue));
    }
    row.value = grams_per_kwh(*number);
    return row;
  }

  static Result<Utc> read_time(std::string_view text) {
    const std::string_view year = text.substr(0, 4);
    const bool digits = year.find_first_not_of("0123456789") == std::string_view::npos;
    if (year.size() == 4 && digits && (year < kFirstYear || year > kLastYear)) {
      return fail(ErrorKind::malformed,
                  fmt::format("{} is not in {} to {}", in_quotes(text), kFirstYear, kLastYear));
    }
    return parse_utc(text);
  }

  // Why `row` may not follow `last`; absent when it is the same row again.
  std::optional<Error> order(const CsvRow& last, const CsvRow& row) const {
    if (row.time < last.time) {
      return error(fmt::format("the time goes back from {} (line {}) to {}", format_utc(last.time),
                               last.line, format_utc(row.time)),
                   kTime, "sort the rows by time");
    }
    if (row.value == last.value) return std::nullopt;
    return error(
        fmt::format("another value for {} than in line {}", format_utc(row.time), last.line),
        kValue, "keep one of the two rows");
  }

  std::string_view rest_;
  const std::string& name_;
  int line_ = 1;
  std::size_t time_column_ = 0;
};

// Each row for the step, at most to the next one.
std::vector<IntensityPiece> hold(const std::vector<CsvRow>& rows, Duration step) {
  std::vector<IntensityPiece> pieces;
  pieces.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const CsvRow& row = rows[i];
    Utc end = row.time + step;
    if (i + 1 < rows.size()) end = std::min(end, rows[i + 1].time);
    if (row.value) pieces.push_back({{row.time, end}, *row.value, Quality::measured});
  }
  return pieces;
}

class CsvProvider final : public Provider {
 public:
  CsvProvider(CsvSeries parsed, IntensityUsed used)
      : parsed_(std::move(parsed)), used_(std::move(used)) {}

  const IntensityUsed& describe() const override { return used_; }

  Result<IntensityUsed> fetch(Interval over) override {
    IntensityUsed used = used_;
    used.series = parsed_.series.slice(over);
    return used;
  }

  std::vector<std::string> notes() const override {
    std::vector<std::string> notes;
    if (parsed_.duplicates > 0) {
      notes.push_back(fmt::format("{}: {} equal rows dropped", used_.model, parsed_.duplicates));
    }
    if (parsed_.without_offset > 0) {
      notes.push_back(fmt::format("{}: {} of {} times say no offset and are read as UTC",
                                  used_.model, parsed_.without_offset, parsed_.rows));
    }
    for (const StepChange& change : parsed_.step_changes) {
      notes.push_back(fmt::format("{}:{}: the step changes from {} to {}; a row holds for {}",
                                  used_.model, change.line, format_duration(change.from),
                                  format_duration(change.to), format_duration(parsed_.step)));
    }
    return notes;
  }

 private:
  CsvSeries parsed_;
  IntensityUsed used_;
};

}  // namespace

Result<CsvSeries> parse_csv_series(std::string_view text, const std::string& name,
                                   std::optional<Duration> step) {
  CsvSeries out;
  const auto rows = Parser(text, name).rows(out);
  if (!rows) return tl::unexpected(rows.error());
  StepWatch watch;
  for (const CsvRow& row : *rows) watch.add(row.time, row.line);
  const auto usual = watch.usual();
  if (!step && !usual) {
    return fail(ErrorKind::malformed, "one row does not say for how long it holds", name + ":2",
                "add a second row");
  }
  out.step = step ? *step : *usual;
  if (step && (out.step <= Duration::zero() || out.step > kLongestStep)) {
    return fail(ErrorKind::usage, "a step is longer than nothing and at most 366 days", name);
  }
  out.step_changes = watch.changes();
  out.gaps = watch.wider_than(out.step);
  auto series = IntensitySeries::from(hold(*rows, out.step));
  if (!series) return tl::unexpected(series.error());
  out.series = std::move(*series);
  return out;
}

Result<std::unique_ptr<Provider>> open_csv_series(const std::string& path, IntensityUsed base) {
  const auto text = host::read_file(path);
  if (!text) return tl::unexpected(text.error());
  auto parsed = parse_csv_series(*text, path);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  base.source = "file";
  base.model = path;
  base.step = parsed->step;
  base.sha256 = sha256_hex(*text);
  base.error_reference = "the file does not say how wrong it may be";
  return std::make_unique<CsvProvider>(std::move(*parsed), std::move(base));
}

}  // namespace lowtide::grid
