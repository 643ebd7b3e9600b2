#include "grid/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/quote.h"
#include "grid/fields.h"
#include "host/files.h"

namespace lowtide::grid {
namespace {

// One field of a line, as it stands there, and past its comma. `open` when its quote stays open.
struct Field {
  std::string_view text;
  bool quoted = false;
  bool open = false;
};

Field take_field(std::string_view line, std::size_t& at) {
  const std::size_t begin = at;
  Field field;
  bool inside = false;
  for (; at < line.size() && (inside || line[at] != ','); ++at) {
    if (line[at] != '"') continue;
    field.quoted = true;
    inside = !inside;  // a doubled quote closes and opens again
  }
  field.open = inside;
  field.text = line.substr(begin, at - begin);
  ++at;
  return field;
}

// All fields of a line into `fields`, whose room is used again from line to line: most tables have
// more columns and rows than anybody asks for. False when a quote stays open.
bool split(std::string_view line, std::vector<Field>& fields) {
  fields.clear();
  for (std::size_t at = 0; at <= line.size();) {
    fields.push_back(take_field(line, at));
    if (fields.back().open) return false;
  }
  return true;
}

std::string plain(const Field& field) {
  if (!field.quoted) return std::string(field.text);
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < field.text.size(); ++i) {
    const char c = field.text[i];
    if (c != '"') {
      out += c;
    } else if (inside && i + 1 < field.text.size() && field.text[i + 1] == '"') {
      out += field.text[++i];
    } else {
      inside = !inside;
    }
  }
  return out;
}

}  // namespace

bool split_fields(std::string_view line, std::vector<std::string_view>& fields,
                  std::deque<std::string>& scratch) {
  fields.clear();
  scratch.clear();
  for (std::size_t at = 0; at <= line.size();) {
    const Field field = take_field(line, at);
    if (field.open) return false;
    fields.push_back(field.quoted ? std::string_view(scratch.emplace_back(plain(field)))
                                  : trim(field.text));
  }
  return true;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || stop != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Result<Table> Table::read(const std::string& path, std::initializer_list<std::string_view> columns,
                          std::string_view with) {
  const auto text = host::read_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse(*text, path, columns, with);
}

Result<Table> Table::parse(std::string_view text, const std::string& name,
                           std::initializer_list<std::string_view> columns, std::string_view with) {
  std::vector<Field> fields;
  if (!split(take_line(text), fields)) {
    return fail(ErrorKind::malformed, "a quote stays open", name + ":1");
  }
  const std::size_t width = fields.size();
  Table table;
  table.name_ = name;
  std::vector<std::size_t> from;
  for (const std::string_view column : columns) {
    const auto at = std::find_if(fields.begin(), fields.end(),
                                 [&](const Field& field) { return plain(field) == column; });
    if (at == fields.end()) {
      return fail(ErrorKind::malformed, fmt::format("no column '{}'", column), name + ":1");
    }
    from.push_back(static_cast<std::size_t>(at - fields.begin()));
    table.columns_.emplace_back(column);
  }
  for (int number = 2; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.empty() || line.find(with) == std::string_view::npos) continue;
    if (!split(line, fields) || fields.size() != width) {
      return fail(ErrorKind::malformed, fmt::format("a row of {} fields was expected", width),
                  fmt::format("{}:{}", name, number));
    }
    Row row{number, std::string(line), {}};
    row.cells.reserve(from.size());
    for (const std::size_t at : from) row.cells.push_back(plain(fields[at]));
    table.rows_.push_back(std::move(row));
  }
  return table;
}

Result<double> Table::number(std::size_t row, std::size_t column) const {
  const auto value = read_number(cell(row, column));
  if (value) return *value;
  return fail(ErrorKind::malformed, in_quotes(cell(row, column)) + " is not a number",
              where(row, column));
}

std::string Table::where(std::size_t row, std::size_t column) const {
  return fmt::format("{}:{}, field {}", name_, rows_[row].number, columns_[column]);
}

std::optional<std::size_t> Table::find(std::string_view key) const {
  const auto row = std::find_if(rows_.begin(), rows_.end(),
                                [&](const Row& candidate) { return candidate.cells[0] == key; });
  if (row == rows_.end()) return std::nullopt;
  return static_cast<std::size_t>(row - rows_.begin());
}

}  // namespace lowtide::grid
