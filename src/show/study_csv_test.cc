#include "show/study_csv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "show/study_for_test.h"
#include "show/study_index.h"

namespace lowtide::show {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// The rows whose first fields are these.
Rows rows_of(const Rows& rows, const std::vector<std::string>& first) {
  Rows out;
  for (const auto& row : rows) {
    if (std::equal(first.begin(), first.end(), row.begin())) out.push_back(row);
  }
  return out;
}

void expect_figure(const std::string& field, double value, double within) {
  if (std::isnan(value)) {
    EXPECT_EQ(field, "");
  } else {
    EXPECT_NEAR(std::stod(field), value, within);
  }
}

// "..,MEAN,RATIO,RESUMES,BASELINE,COST" from `at` on.
void expect_figures(const std::vector<std::string>& row, std::size_t at, const study::Cell& cell) {
  expect_figure(row[at], cell.mean_of_pct, 5e-5);
  expect_figure(row[at + 1], cell.ratio_pct, 5e-5);
  expect_figure(row[at + 2], cell.resumes_per_hour, 1e-6);
  expect_figure(row[at + 3], as_grams(cell.baseline), 1e-6 * as_grams(cell.baseline));
  expect_figure(row[at + 4], as_grams(cell.cost), 1e-6 * as_grams(cell.cost));
}

TEST(StudyCsv, results_have_the_first_rule_and_charge_of_each_cell_and_the_means) {
  const MadeStudy made;
  const Rows rows = csv_rows(study_results_csv(made.view));
  EXPECT_EQ(rows[0], (std::vector<std::string>{"zone", "job", "window", "policy", "starts",
                                               "saving_mean_of_pct", "saving_ratio_of_sums_pct",
                                               "pauses_per_hour", "baseline_g", "cost_g"}));
  // Two jobs, two windows, three policies: in three regions and ALL.
  EXPECT_EQ(rows.size(), 1U + 2 * 2 * 3 * 4);
  for (const study::Cell& cell : made.view.cells) {
    if (cell.rule != 0 || cell.resume != 0) continue;
    // West and East are in one zone, so they go by their names.
    const char* zones[] = {"West", "East", "'=B,\"c\""};
    const auto found =
        rows_of(rows, {zones[cell.region], made.study.jobs[cell.job].name,
                       made.study.windows[cell.window].name, std::string(spell(cell.policy))});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0][4], std::to_string(cell.starts));
    if (cell.starts == 0) {
      EXPECT_EQ(std::vector(found[0].begin() + 5, found[0].end()), std::vector<std::string>(5));
      continue;
    }
    expect_figures(found[0], 5, cell);
  }
  for (const study::MeanCell& mean : made.view.means) {
    if (!is_first(mean.of)) continue;
    const auto found = rows_of(
        rows, {"ALL", made.study.jobs[mean.of.job].name, made.study.windows[mean.of.window].name,
               std::string(spell(mean.of.policy))});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NEAR(std::stod(found[0][4]), mean.starts, 1e-4);
    expect_figures(found[0], 5, mean.of);
  }
}

TEST(StudyCsv, cells_have_everything) {
  const MadeStudy made;
  const Rows rows = csv_rows(study_cells_csv(made.view));
  ASSERT_EQ(rows.size(), made.view.cells.size() + 1);
  ASSERT_EQ(rows[0].size(), 15U);
  for (std::size_t i = 0; i < made.view.cells.size(); ++i) {
    const study::Cell& cell = made.view.cells[i];
    const auto& row = rows[i + 1];
    ASSERT_EQ(row.size(), 15U);
    const char* names[] = {"West", "East", "North"};
    const char* rules[] = {"3h", "mornings"};
    EXPECT_EQ(row[0], names[cell.region]);
    EXPECT_EQ(row[5], cell.resume == 0 ? "0" : "10");
    EXPECT_EQ(row[6], rules[cell.rule]);
    EXPECT_EQ(row[7], std::to_string(cell.starts));
    EXPECT_EQ(row[8], std::to_string(cell.dropped));
    if (cell.starts == 0) continue;
    expect_figures(row, 9, cell);
    EXPECT_NEAR(std::stod(row[14]), 100 * cell.worse, 5e-5);
  }
}

TEST(StudyIndex, numbers_are_plain_and_what_is_not_known_is_empty) {
  EXPECT_EQ(raw_number(10428360.25), "10428360");
  EXPECT_EQ(raw_number(0.000123456789), "0.0001234568");
  EXPECT_EQ(raw_number(1200), "1200");
  EXPECT_EQ(raw_number(0), "0");
  EXPECT_EQ(raw_number(std::nan("")), "");
  EXPECT_EQ(raw_number(std::numeric_limits<double>::infinity()), "");
  EXPECT_EQ(raw_percent(-0.00001), "0.0000");
  EXPECT_EQ(raw_percent(-2.5), "-2.5000");
  EXPECT_EQ(raw_percent(std::nan("")), "");
  EXPECT_EQ(fixed(-0.04, 1), "0.0");
  EXPECT_EQ(fixed(-2.44, 1), "−2.4");
  EXPECT_EQ(fixed(std::nan(""), 1), "–");
  EXPECT_EQ(difference(0.31, 1), "+0.3");
  EXPECT_EQ(difference(0.04, 1), "0.0");
  EXPECT_EQ(difference(-0.31, 1), "−0.3");
}

TEST(StudyIndex, names_of_files_are_safe_and_each_once) {
  EXPECT_EQ(stems_of({"25%", "6h", "../x y", "25pct", "", "25%"}),
            (std::vector<std::string>{"25pct", "6h", "___x_y", "25pct_2", "_", "25pct_3"}));
}

TEST(StudyIndex, a_rule_is_told_in_words) {
  const MadeStudy made;
  EXPECT_EQ(rule_text(made.study.rules[0]), "every 3 h from midnight, UTC");
  EXPECT_EQ(rule_text(made.study.rules[1]), "days 7, 8 of each month, at 8, 10 h, UTC−08:00");
}

}  // namespace
}  // namespace lowtide::show
