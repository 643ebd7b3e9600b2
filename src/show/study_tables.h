// A study's tables: those of the paper in kind, with its printed figures beside them, and what the
// paper does not have: start rules, resume charges, agreement, series. One source for Markdown,
// CSV and HTML. docs/formats/study.md lists them.
#pragma once

#include <string>
#include <vector>

#include "show/cells.h"
#include "show/study_view.h"

namespace lowtide::show {

// A figure as people read it and as it is; of a text both are the same.
struct StudyField {
  std::string shown;
  std::string raw;
};

struct StudyTable {
  std::string name;  // of its files
  std::string title;
  std::vector<std::string> notes;
  std::size_t texts = 1;  // so many columns are text, the others numbers
  std::vector<StudyField> head;
  std::vector<std::vector<StudyField>> rows;
};

// Without those that have nothing to say. Texts are escaped.
[[nodiscard]] std::vector<StudyTable> tables_of(const StudyView& view);

// A text that is that of the row above is left out, but for the last of a row.
[[nodiscard]] Cells shown_cells(const StudyTable& table);
[[nodiscard]] std::string study_markdown(const StudyTable& table);
[[nodiscard]] std::string study_csv(const StudyTable& table);

// tables/NAME.md and tables/NAME.csv of each.
[[nodiscard]] std::vector<StudyFile> study_tables(const StudyView& view);

}  // namespace lowtide::show
