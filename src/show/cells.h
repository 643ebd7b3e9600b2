// The tables of a report for people: the same for Markdown, LaTeX and HTML, each of which only
// dresses them. Texts from outside are shown by escape(); each format escapes its own specials on
// top. Figures are rounded by text_of(). Times are local with their offset.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "account/report.h"
#include "account/sum.h"

namespace lowtide::show {

struct Row {
  std::string label;
  std::string value;
  bool part = false;  // of the row above it
};

// A table.
struct Cells {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
  std::vector<bool> right;  // which columns are numbers
};

// Run, hardware, energy, intensity, carbon, SCI, bounds, boundary, method: one row each.
[[nodiscard]] std::vector<Row> figure_rows(const account::Report& report);
// Of the whole job, where the report was asked to extrapolate; among figure_rows() too.
[[nodiscard]] std::vector<Row> completion_rows(const account::Report& report);
[[nodiscard]] Cells device_cells(const account::Report& report);
[[nodiscard]] Cells bound_cells(const account::Report& report);
[[nodiscard]] Cells equivalent_cells(const account::Report& report);
// "7.3 x smartphone charge (12.4 g CO2 each, edition 2024, EPA)": the first `most` of them.
[[nodiscard]] std::vector<std::string> equivalent_phrases(const account::Report& report,
                                                          std::size_t most);
[[nodiscard]] Cells run_cells(std::span<const account::Report> reports);
// The phases and the total.
[[nodiscard]] Cells sum_cells(const account::Sum& sum);
// What is mixed, left out or counted once, and how phases are told apart.
[[nodiscard]] std::vector<std::string> sum_notes(const account::Sum& sum);

// "±5 %", "−10 % +20 %", "not known".
[[nodiscard]] std::string width_text(const account::ErrorReport& error);

}  // namespace lowtide::show
