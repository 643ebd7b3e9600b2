// Jobs on machines as a study's folder has them.
#include <gtest/gtest.h>

#include "show/study_figures.h"
#include "show/study_for_test.h"
#include "show/study_html.h"
#include "show/study_index.h"
#include "show/study_svg.h"
#include "show/study_tables.h"

namespace lowtide::show {
namespace {

struct MadeFleet : MadeStudy {
  MadeFleet() {
    study::FleetAsk ask;
    ask.jobs = {0, 1};
    ask.window = {"8h", std::chrono::hours(8), {}};
    ask.machines = {1, 3};
    ask.a_day = 3;
    ask.seed = 7;
    ask.resume = std::chrono::minutes(5);
    view.fleet_ask = ask;
    for (std::size_t region = 0; region < 3; ++region) {
      for (const std::size_t machines : ask.machines) {
        view.fleet.push_back(*study::fleet_row(study, ask, region, machines));
      }
    }
  }
};

const StudyTable* find(const std::vector<StudyTable>& tables, const std::string& name) {
  for (const StudyTable& table : tables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

TEST(StudyFleet, a_row_a_number_of_machines_and_what_is_not_known_is_empty) {
  const MadeFleet made;
  const auto tables = tables_of(made.view);
  const StudyTable* fleet = find(tables, "fleet");
  ASSERT_NE(fleet, nullptr);
  const auto rows = csv_rows(study_csv(*fleet));
  ASSERT_EQ(rows.size(), 3U);
  const auto sums = study::fleet_over_regions(made.view.fleet);
  EXPECT_EQ(rows[0][0], "machines");
  EXPECT_EQ(rows[2][0], "3");
  EXPECT_EQ(rows[1][1], std::to_string(sums[0].arrived));
  EXPECT_EQ(std::stod(rows[1][10]), std::stod(raw_number(as_grams(sums[0].plan))));
  EXPECT_EQ(rows[0][10], "plan_g");
  EXPECT_EQ(std::stod(rows[1][11]), std::stod(raw_percent(sums[0].plan_pct())));
  const StudyTable* regions = find(tables, "fleet_regions");
  ASSERT_NE(regions, nullptr);
  const auto by_region = csv_rows(study_csv(*regions));
  ASSERT_EQ(by_region.size(), 7U);
  EXPECT_EQ(by_region[5][4], "0") << "no job's window lies in the third region's few hours";
  EXPECT_EQ(by_region[5][6], "");
  EXPECT_EQ(by_region[5][11], "");
}

double height_of(const std::string& svg, std::size_t dot) {
  std::size_t at = 0;
  for (std::size_t i = 0; i <= dot; ++i) at = svg.find("<circle", at + 1);
  return std::stod(svg.substr(svg.find("cy=\"", at) + 4));
}

TEST(StudyFleet, is_drawn_against_machines_and_stands_in_the_page) {
  MadeFleet made;
  std::string svg;
  for (const StudyFigure& figure : figures_of(made.view)) {
    if (figure.name == "fleet") svg = figure.svg;
  }
  ASSERT_NE(svg, "");
  // Three curves of two dots: the higher saving is higher up, to scale.
  const auto sums = study::fleet_over_regions(made.view.fleet);
  const double scale =
      (height_of(svg, 5) - height_of(svg, 4)) / (sums[1].plan_pct() - sums[0].plan_pct());
  EXPECT_LT(scale, 0);
  EXPECT_NEAR(height_of(svg, 1) - height_of(svg, 0),
              scale * (sums[1].independent_pct() - sums[0].independent_pct()), 0.3);
  EXPECT_NEAR(height_of(svg, 3) - height_of(svg, 5),
              scale * (sums[1].bound_pct() - sums[1].plan_pct()), 0.3);
  EXPECT_NE(svg.find(">1 machine</text>"), std::string::npos);
  EXPECT_NE(study_html(made.view).find("Many jobs on few machines"), std::string::npos);
  made.view.fleet.clear();
  made.view.fleet_ask.reset();
  for (const StudyFigure& figure : figures_of(made.view)) EXPECT_NE(figure.name, "fleet");
  EXPECT_EQ(study_html(made.view).find("Many jobs on few machines"), std::string::npos);
}

TEST(StudyFleet, says_who_arrives_and_what_the_words_mean) {
  const MadeFleet made;
  const auto tables = tables_of(made.view);
  const std::string text = study_markdown(*find(tables, "fleet"));
  for (const char* said : {"3 jobs a day arrive at random (seed 7)", "BERT finetune, vit",
                           "8h after its own length", "5 min of its mean power", "Admitted:"}) {
    std::string plain = text;
    std::erase(plain, '\\');
    EXPECT_NE(plain.find(said), std::string::npos) << said << "\n" << text;
  }
  const MadeStudy without;
  EXPECT_EQ(find(tables_of(without.view), "fleet"), nullptr);
}

}  // namespace
}  // namespace lowtide::show
