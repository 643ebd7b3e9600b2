// A plain table that fits the terminal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "show/text.h"

namespace lowtide::show {

class Table {
 public:
  struct Column {
    std::string head;
    bool right = false;  // numbers
    int rank = 0;  // the column of the highest rank goes first where there is no room; 0 stays
    bool shrinks = false;  // gives way before any column goes
  };

  explicit Table(std::vector<Column> all) : columns_(std::move(all)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // Does every column have the room that it wants?
  [[nodiscard]] bool fits(const Style& style) const;
  // Head and rows, each line with its newline and no blanks at its end.
  [[nodiscard]] std::string text(const Style& style) const;

 private:
  [[nodiscard]] std::vector<int> widths() const;
  // Takes what is too much off the columns that shrink, down to `least`.
  void shrink(std::vector<int>& widths, int width, int least) const;
  [[nodiscard]] std::optional<std::size_t> next_to_go(const std::vector<int>& widths) const;
  // Widths that fit; 0 is a column left out.
  [[nodiscard]] std::vector<int> fit(int width) const;
  [[nodiscard]] std::string line(const std::vector<std::string>& cells,
                                 const std::vector<int>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lowtide::show
