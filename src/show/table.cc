#include "show/table.h"

#include <algorithm>

namespace lowtide::show {
namespace {

constexpr int kBetween = 2;  // blanks between columns
constexpr int kLeast = 6;    // columns that a shrinking one keeps

int whole(const std::vector<int>& widths) {
  int sum = -kBetween;
  for (const int width : widths) {
    if (width > 0) sum += width + kBetween;
  }
  return sum;
}

}  // namespace

std::vector<int> Table::widths() const {
  std::vector<int> out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    int widest = width_of(columns_[i].head);
    for (const auto& row : rows_) widest = std::max(widest, width_of(row[i]));
    out.push_back(widest);
  }
  return out;
}

std::vector<int> Table::fit(int width) const {
  std::vector<int> out = widths();
  const auto shrink = [&](int least) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const int over = whole(out) - width;
      if (over > 0 && columns_[i].shrinks)
        out[i] = std::max(std::min(out[i], least), out[i] - over);
    }
  };
  // Half of a name still tells; then whole columns go; then the name is cut as far as it must.
  shrink(2 * kLeast);
  while (whole(out) > width) {
    std::size_t last = out.size();
    for (std::size_t i = 0; i < out.size(); ++i) {
      const bool droppable = out[i] > 0 && columns_[i].rank > 0;
      if (droppable && (last == out.size() || columns_[i].rank > columns_[last].rank)) last = i;
    }
    if (last == out.size()) break;
    out[last] = 0;
  }
  shrink(kLeast);
  return out;
}

std::string Table::line(const std::vector<std::string>& cells,
                        const std::vector<int>& widths) const {
  std::string out;
  bool first = true;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0) continue;
    if (!first) out.append(kBetween, ' ');
    first = false;
    out += columns_[i].right ? pad_left(cells[i], widths[i]) : pad(cells[i], widths[i]);
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::string Table::text(const Style& style) const {
  const int width = columns(style);
  const std::vector<int> fitted = fit(width);
  std::vector<std::string> heads;
  heads.reserve(columns_.size());
  for (const Column& column : columns_) heads.push_back(column.head);
  std::string out = paint(clip(line(heads, fitted), width), Ink::dim, style) + "\n";
  for (const auto& row : rows_) out += clip(line(row, fitted), width) + "\n";
  return out;
}

}  // namespace lowtide::show
