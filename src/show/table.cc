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

void Table::shrink(std::vector<int>& widths, int width, int least) const {
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const int over = whole(widths) - width;
    if (over > 0 && columns_[i].shrinks) {
      widths[i] = std::max(std::min(widths[i], least), widths[i] - over);
    }
  }
}

// The first of the columns of the highest rank that is still there; nullopt where all others stay.
std::optional<std::size_t> Table::next_to_go(const std::vector<int>& widths) const {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] == 0 || columns_[i].rank == 0) continue;
    if (!found || columns_[i].rank > columns_[*found].rank) found = i;
  }
  return found;
}

// Half of a name still tells; then whole columns go; then the name is cut as far as it must.
std::vector<int> Table::fit(int width) const {
  std::vector<int> out = widths();
  shrink(out, width, 2 * kLeast);
  while (whole(out) > width) {
    const auto column = next_to_go(out);
    if (!column) break;
    out[*column] = 0;
  }
  shrink(out, width, kLeast);
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

bool Table::fits(const Style& style) const { return whole(widths()) <= columns(style); }

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
