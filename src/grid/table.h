// A table of facts read from share/lowtide: comma-separated text with a header line.
//
// Only the columns asked for are kept, in the order asked for. Fields may be quoted (RFC 4180, a
// field on one line). A plain value, no threads.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lowtide::grid {

class Table {
 public:
  // Lines without `with` in them are passed over unread. Errors: absent (no such file), malformed
  // (file:line: a column is missing, a quote is open).
  [[nodiscard]] static Result<Table> read(const std::string& path,
                                          std::initializer_list<std::string_view> columns,
                                          std::string_view with = {});
  [[nodiscard]] static Result<Table> parse(std::string_view text, const std::string& name,
                                           std::initializer_list<std::string_view> columns,
                                           std::string_view with = {});

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  // `column` counts in the order asked for.
  [[nodiscard]] const std::string& cell(std::size_t row, std::size_t column) const {
    return rows_[row].cells[column];
  }
  // A number, or Error malformed naming file, line and field; an empty cell is malformed too.
  [[nodiscard]] Result<double> number(std::size_t row, std::size_t column) const;
  // "FILE:LINE, field COLUMN", for an error.
  [[nodiscard]] std::string where(std::size_t row, std::size_t column) const;
  // The row whose first column is `key`.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view key) const;
  // The row's line as it stands in the file, without its end.
  [[nodiscard]] const std::string& line(std::size_t row) const { return rows_[row].text; }

 private:
  struct Row {
    int number = 0;
    std::string text;
    std::vector<std::string> cells;
  };
  std::string name_;
  std::vector<std::string> columns_;
  std::vector<Row> rows_;
};

// The next line of `text` without its end (LF or CRLF); `text` loses it.
[[nodiscard]] std::string_view take_line(std::string_view& text);

// A decimal number that fills the whole of `text`; absent for anything else, NaN and infinity too.
[[nodiscard]] std::optional<double> read_number(std::string_view text);

[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace lowtide::grid
