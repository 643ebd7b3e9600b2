// The groups of tables that tables_of() puts together. For show alone.
#pragma once

#include <string>
#include <vector>

#include "base/words.h"
#include "show/study_index.h"
#include "show/study_tables.h"

namespace lowtide::show {

[[nodiscard]] StudyField text_field(const std::string& text);  // from outside: escaped here
[[nodiscard]] StudyField percent_field(double value);
[[nodiscard]] StudyField rate_field(double value);  // resumes an hour
[[nodiscard]] StudyField difference_field(double value, int decimals);
[[nodiscard]] StudyField carbon_field(Carbon value);  // shown with its unit
[[nodiscard]] StudyField count_field(double value);

// Tables 4 to 13 of the paper in kind, one a window.
[[nodiscard]] std::vector<StudyTable> window_tables(const StudyIndex& index);
// Savings by region, one a policy.
[[nodiscard]] std::vector<StudyTable> region_tables(const StudyIndex& index);
// How far the regions of a group are apart; none where no group has two.
[[nodiscard]] std::vector<StudyTable> group_tables(const StudyIndex& index);
// Savings against the resume charge; none with one charge.
[[nodiscard]] std::vector<StudyTable> charge_tables(const StudyIndex& index);
// How far figures move between start rules, in short and by cell; none with one rule.
[[nodiscard]] std::vector<StudyTable> rule_tables(const StudyIndex& index);
// With the paper's figures; none where it has none of these cells.
[[nodiscard]] std::vector<StudyTable> agreement_tables(const StudyIndex& index);
// Start by start: machine states, money, the other signal; none where it was not asked for.
[[nodiscard]] std::vector<StudyTable> beyond_tables(const StudyIndex& index);
// Jobs on K machines, over regions and by region; none where it was not asked for.
[[nodiscard]] std::vector<StudyTable> fleet_tables(const StudyIndex& index);
// Jobs, series, spread over regions and starts, months, hours of start.
[[nodiscard]] std::vector<StudyTable> fact_tables(const StudyIndex& index);

}  // namespace lowtide::show
