#include "show/study_tables.h"

#include "show/csv_field.h"
#include "show/markdown_parts.h"
#include "show/study_table_parts.h"
#include "show/text.h"

namespace lowtide::show {

StudyField text_field(const std::string& text) { return {escape(text), csv_text(text)}; }

StudyField percent_field(double value) { return {fixed(value, 1), raw_percent(value)}; }

StudyField rate_field(double value) { return {fixed(value, 2), raw_number(value)}; }

StudyField difference_field(double value, int decimals) {
  return {difference(value, decimals), raw_percent(value)};
}

StudyField carbon_field(Carbon value) {
  return {text_of(Figure<Carbon>{value, {}, {}}).brief(), raw_number(as_grams(value))};
}

StudyField count_field(double value) {
  const std::string text = raw_number(value);
  return {text, text};
}

std::vector<StudyTable> tables_of(const StudyView& view) {
  const StudyIndex index(view);
  std::vector<StudyTable> out;
  for (const auto group : {window_tables, agreement_tables, region_tables, group_tables,
                           charge_tables, rule_tables, beyond_tables, fleet_tables, fact_tables}) {
    for (StudyTable& table : group(index)) {
      if (!table.rows.empty()) out.push_back(std::move(table));
    }
  }
  return out;
}

Cells shown_cells(const StudyTable& table) {
  Cells cells;
  for (std::size_t i = 0; i < table.head.size(); ++i) {
    cells.head.push_back(table.head[i].shown);
    cells.right.push_back(i >= table.texts);
  }
  const std::vector<StudyField>* above = nullptr;
  for (const auto& row : table.rows) {
    auto& shown = cells.rows.emplace_back();
    bool same = above != nullptr;
    for (std::size_t i = 0; i < row.size(); ++i) {
      same = same && i + 1 < table.texts && row[i].raw == (*above)[i].raw;
      shown.push_back(same ? "" : row[i].shown);
    }
    above = &row;
  }
  return cells;
}

std::string study_markdown(const StudyTable& table) {
  std::string out = "# " + markdown_text(table.title) + "\n\n";
  out += markdown_table(shown_cells(table));
  if (!table.notes.empty()) out += "\n";
  for (const std::string& note : table.notes) out += "- " + markdown_text(note) + "\n";
  return out;
}

std::string study_csv(const StudyTable& table) {
  const auto line = [](const std::vector<StudyField>& fields) {
    std::string out;
    for (const StudyField& field : fields) {
      out += (&field == fields.data() ? "" : ",") + csv_quoted(field.raw);
    }
    return out + "\n";
  };
  std::string out = line(table.head);
  for (const auto& row : table.rows) out += line(row);
  return out;
}

std::vector<StudyFile> study_tables(const StudyView& view) {
  std::vector<StudyFile> out;
  for (const StudyTable& table : tables_of(view)) {
    out.push_back({"tables/" + table.name + ".md", study_markdown(table)});
    out.push_back({"tables/" + table.name + ".csv", study_csv(table)});
  }
  return out;
}

}  // namespace lowtide::show
