#include "show/study_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "show/study_figures.h"
#include "show/study_for_test.h"
#include "show/study_html.h"
#include "show/study_index.h"
#include "show/study_text.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using study::StudyPolicy;
using ::testing::HasSubstr;
using ::testing::Not;

using Rows = std::vector<std::vector<std::string>>;

StudyTable table_named(const StudyView& view, const std::string& name) {
  for (StudyTable& table : tables_of(view)) {
    if (table.name == name) return table;
  }
  ADD_FAILURE() << "no table " << name;
  return {};
}

// The CSV of a table as rows; shown cells stand in the same places.
struct Read {
  explicit Read(StudyTable of) : table(std::move(of)), raw(csv_rows(study_csv(table))) {
    shown = shown_cells(table).rows;
    EXPECT_EQ(raw.size(), shown.size() + 1);
    for (const auto& row : shown) EXPECT_EQ(row.size(), table.head.size()) << table.name;
  }
  // The place of the row that begins so; counted without the head.
  [[nodiscard]] std::size_t at(const std::vector<std::string>& first) const {
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (std::equal(first.begin(), first.end(), raw[i + 1].begin())) return i;
    }
    ADD_FAILURE() << table.name << " has no such row: " << ::testing::PrintToString(first);
    return 0;
  }
  void expect(std::size_t row, std::size_t column, double value, const std::string& text) const {
    SCOPED_TRACE(table.name + ", row " + std::to_string(row));
    EXPECT_EQ(shown[row][column], text);
    if (std::isnan(value)) {
      EXPECT_EQ(raw[row + 1][column], "");
    } else {
      EXPECT_NEAR(std::stod(raw[row + 1][column]), value, 5e-5 + 1e-6 * std::abs(value));
    }
  }
  StudyTable table;
  Rows raw;
  Rows shown;
};

const study::MeanCell& mean_at(const StudyView& view, const CellPlace& place) {
  const auto found =
      std::find_if(view.means.begin(), view.means.end(), [&](const study::MeanCell& mean) {
        return mean.of.job == place.job && mean.of.window == place.window &&
               mean.of.policy == place.policy && mean.of.resume == place.resume &&
               mean.of.rule == place.rule;
      });
  EXPECT_NE(found, view.means.end());
  return *found;
}

constexpr auto kPolicies = {StudyPolicy::flexible_start, StudyPolicy::lowest_slots,
                            StudyPolicy::exact};

TEST(StudyTables, a_windows_table_has_both_averages_of_each_job_and_policy) {
  const MadeStudy made;
  const char* names[] = {"window_6h", "window_100pct"};
  for (std::size_t window = 0; window < 2; ++window) {
    const Read read(table_named(made.view, names[window]));
    EXPECT_EQ(read.raw[0], (std::vector<std::string>{"figure", "as", "bert-finetune", "vit-tiny"}));
    EXPECT_EQ(read.table.head[2].shown, "BERT finetune");
    for (std::size_t job = 0; job < 2; ++job) {
      for (const StudyPolicy policy : kPolicies) {
        const study::MeanCell& mean = mean_at(made.view, {job, window, policy});
        read.expect(read.at({policy_text(policy), "mean of percents, %"}), 2 + job,
                    mean.of.mean_of_pct, fixed(mean.of.mean_of_pct, 1));
        read.expect(read.at({policy_text(policy), "ratio of sums, %"}), 2 + job, mean.of.ratio_pct,
                    fixed(mean.of.ratio_pct, 1));
      }
      const study::MeanCell& lowest = mean_at(made.view, {job, window, StudyPolicy::lowest_slots});
      read.expect(read.at({"resumes an hour", "lowest slots"}), 2 + job, lowest.of.resumes_per_hour,
                  fixed(lowest.of.resumes_per_hour, 2));
      read.expect(read.at({"regions", "with a start that counts"}), 2 + job, 2, "2");
      read.expect(read.at({"starts", "mean of the regions"}), 2 + job, lowest.starts,
                  fixed(lowest.starts, 0));
    }
  }
}

TEST(StudyTables, the_papers_figure_and_the_difference_stand_beside_ours) {
  const MadeStudy made;
  const Read read(table_named(made.view, "window_100pct"));
  EXPECT_THAT(read.table.title, HasSubstr("(the paper's Tables 5 and 9)"));
  const std::size_t lowest = read.at({"lowest slots", "paper"});
  read.expect(lowest, 2, 9.5, "9.5");
  read.expect(lowest, 3, std::nan(""), "–");
  const double ours = mean_at(made.view, {0, 1, StudyPolicy::lowest_slots}).of.mean_of_pct;
  read.expect(lowest + 1, 2, ours - 9.5, difference(ours - 9.5, 1));
  read.expect(lowest + 1, 3, std::nan(""), "–");
  const std::size_t resumes = read.at({"resumes an hour", "paper"});
  read.expect(resumes, 2, 0.42, "0.42");
  const double often = mean_at(made.view, {0, 1, StudyPolicy::lowest_slots}).of.resumes_per_hour;
  read.expect(resumes + 1, 2, often - 0.42, difference(often - 0.42, 2));
}

TEST(StudyTables, without_the_paper_nothing_is_compared) {
  MadeStudy made;
  made.view.paper.clear();
  for (const StudyTable& table : tables_of(made.view)) {
    EXPECT_NE(table.name, "agreement");
    if (table.name.rfind("window_", 0) != 0) continue;
    EXPECT_THAT(study_csv(table), Not(HasSubstr("paper")));
  }
}

TEST(StudyTables, each_region_has_its_own_figures) {
  const MadeStudy made;
  const char* regions[] = {"West", "East", "North"};
  const char* windows[] = {"6h", "100%"};
  for (const StudyPolicy policy : kPolicies) {
    const Read read(table_named(made.view, "regions_" + std::string(spell(policy))));
    EXPECT_EQ(read.shown.size(), 2U * 4);
    for (const study::Cell& cell : made.view.cells) {
      if (cell.policy != policy || !is_first(cell)) continue;
      const std::size_t row = read.at({windows[cell.window], regions[cell.region]});
      read.expect(row, 3 + cell.job, cell.starts > 0 ? cell.mean_of_pct : std::nan(""),
                  fixed(cell.mean_of_pct, 1));
    }
    const double mean = mean_at(made.view, {1, 0, policy}).of.mean_of_pct;
    read.expect(read.at({"6h", "mean", "ALL"}), 4, mean, fixed(mean, 1));
  }
}

TEST(StudyTables, charges_have_a_column_each) {
  const MadeStudy made;
  const Read saved(table_named(made.view, "resume_charge"));
  const Read worse(table_named(made.view, "resume_charge_worse"));
  EXPECT_EQ(saved.raw[0], (std::vector<std::string>{"job", "window", "policy", "0_min", "10_min"}));
  for (const StudyPolicy policy : kPolicies) {
    const bool charged = policy != StudyPolicy::flexible_start;
    const std::size_t row = saved.at({"vit-tiny", "100%", policy_text(policy)});
    for (std::size_t resume = 0; resume < 2; ++resume) {
      const study::Cell& cell = mean_at(made.view, {1, 1, policy, charged ? resume : 0}).of;
      saved.expect(row, 3 + resume, cell.mean_of_pct, fixed(cell.mean_of_pct, 1));
      worse.expect(row, 3 + resume, 100 * cell.worse, fixed(100 * cell.worse, 1));
    }
  }
}

TEST(StudyTables, rules_are_told_apart_in_short_and_by_cell) {
  const MadeStudy made;
  const Read cells(table_named(made.view, "start_rules_cells"));
  double sum = 0;
  double furthest = 0;
  for (std::size_t job = 0; job < 2; ++job) {
    for (std::size_t window = 0; window < 2; ++window) {
      const auto at = [&](std::size_t rule) {
        return mean_at(made.view, {job, window, StudyPolicy::lowest_slots, 0, rule}).of.mean_of_pct;
      };
      const std::size_t row =
          cells.at({made.study.jobs[job].name, made.study.windows[window].name, "lowest slots"});
      for (std::size_t rule = 0; rule < 2; ++rule) {
        cells.expect(row, 3 + rule, at(rule), fixed(at(rule), 1));
      }
      const double apart = at(1) - at(0);
      cells.expect(row, 5, std::abs(apart), fixed(std::abs(apart), 1));
      sum += apart;
      if (std::abs(apart) > std::abs(furthest)) furthest = apart;
    }
  }
  const Read brief(table_named(made.view, "start_rules"));
  EXPECT_THAT(brief.table.notes,
              ::testing::Contains("mornings: days 7, 8 of each month, at 8, 10 h, UTC−08:00."));
  const std::size_t row = brief.at({"mornings", "lowest slots"});
  brief.expect(row, 3, 4, "4");
  brief.expect(row, 5, sum / 4, difference(sum / 4, 1));
  brief.expect(row, 7, furthest, difference(furthest, 1));
}

TEST(StudyTables, agreement_counts_the_cells_that_both_have) {
  const MadeStudy made;
  const Read read(table_named(made.view, "agreement"));
  const auto ours = [&](std::size_t job, std::size_t window, std::size_t rule) {
    return mean_at(made.view, {job, window, StudyPolicy::flexible_start, 0, rule}).of.mean_of_pct;
  };
  for (std::size_t rule = 0; rule < 2; ++rule) {
    const std::size_t row =
        read.at({"flexible start", "mean of percents, %", made.study.rules[rule].name});
    // 6h of both jobs and 100% of the first; that the paper prints one twice does not count.
    read.expect(row, 4, 3, "3");
    const double off[] = {ours(0, 0, rule) - 6.9, ours(0, 1, rule) - 7.0, ours(1, 0, rule) - 2.3};
    const double mean = (off[0] + off[1] + off[2]) / 3;
    read.expect(row, 6, mean, difference(mean, 1));
    const double most = *std::max_element(
        off, off + 3, [](double a, double b) { return std::abs(a) < std::abs(b); });
    read.expect(row, 8, most, difference(most, 1));
  }
}

TEST(StudyTables, spreads_months_and_hours_are_those_of_the_view) {
  MadeStudy made;
  const Read spread(table_named(made.view, "spread"));
  const study::JobSpread& of = made.view.spreads[1];
  const std::size_t row = spread.at({"vit-tiny"});
  spread.expect(row, 1, static_cast<double>(of.starts), std::to_string(of.starts));
  EXPECT_NEAR(std::stod(spread.raw[row + 1][3]), as_grams(of.q1), 1e-3);
  EXPECT_NEAR(std::stod(spread.raw[row + 1][7]), as_grams(of.max), 1e-3);

  const Read months(table_named(made.view, "months"));
  EXPECT_EQ(months.raw[0], (std::vector<std::string>{"region", "2020-01_g", "2020-02_g"}));
  const double east = as_grams(*made.view.months[1].months[1].second);
  EXPECT_NEAR(std::stod(months.raw[months.at({"East"}) + 1][2]), east, 1e-3);
  EXPECT_EQ(months.shown[months.at({"North"})][2], "–") << "its series ends before";

  made.view.months[2].months = {{std::chrono::year(2021) / 1, grams(1)}};
  EXPECT_EQ(Read(table_named(made.view, "months")).raw[0],
            (std::vector<std::string>{"region", "01_g", "02_g"}))
      << "another year beside it";

  const Read hours(table_named(made.view, "start_hours"));
  const std::size_t second = hours.at({"2020-01-06"});
  for (std::size_t i = 0; i < 8; ++i) {
    const double grams = as_grams(*made.view.start_tables[0].days[1][i]);
    EXPECT_NEAR(std::stod(hours.raw[second + 1][1 + i]), grams, 1e-3);
  }
  const std::size_t paper = hours.at({"paper, day 1"});
  hours.expect(paper, 1, 2381, "2381");
  hours.expect(paper, 3, std::nan(""), "–");
  hours.expect(paper, 9, 100 * (2381.0 / 2341 - 1), "1.7");
}

TEST(StudyTables, series_say_what_they_are_and_whose) {
  MadeStudy made;
  const Read intensity(table_named(made.view, "intensity"));
  const std::size_t east =
      intensity.at({"East", "A", "America", "2020-01-05", "marginal", "not stated", "co2e"});
  const study::RegionMean mean = study::mean_of(made.study.regions[1]);
  intensity.expect(east, 7, as_grams_per_kwh(*mean.mean), number(as_grams_per_kwh(*mean.mean)));
  intensity.expect(east, 8, as_grams_per_kwh(*mean.min), number(as_grams_per_kwh(*mean.min)));
  intensity.expect(east, 9, as_grams_per_kwh(*mean.max), number(as_grams_per_kwh(*mean.max)));
  intensity.expect(east, 10, 100 * (1 - 1 / (288.0 * 40)), "100.0");
  const Read series(table_named(made.view, "series"));
  const std::string hash(64, 'a');
  EXPECT_EQ(series.at({"West", "file, made", "made for a test, CC0", "", hash}), 0U);
  const char* alone = "non-commercial alone";
  EXPECT_EQ(series.at({"East", "file, made", "made for a test, CC0", alone, hash}), 1U);
  made.view.other = {made.study.regions[0]};
  made.view.other[0].used.licence = "another's";
  const Read with_other(table_named(made.view, "series"));
  EXPECT_EQ(with_other.at({"West, marginal", "file, made", "another's", "", hash}), 3U);
  const Read jobs(table_named(made.view, "jobs"));
  const std::size_t row = jobs.at({"bert-finetune", "flat"});
  jobs.expect(row, 4, 2, "2");  // hours
  jobs.expect(row, 5, 24, "24");
  jobs.expect(row, 6, 2.4, "2.40");
  jobs.expect(row, 7, 300, "300");
  EXPECT_EQ(jobs.shown[jobs.at({"vit-tiny"})][3], "–") << "GPUs are not stated";
}

TEST(StudyTables, a_text_that_is_that_of_the_row_above_is_left_out_for_people_alone) {
  StudyTable table{"t", "T", {}, 2, {}, {}};
  for (const char* text : {"figure", "as", "a"}) table.head.push_back({text, text});
  const StudyField one{"1", "1"};
  const StudyField x{"x", "x"};
  const StudyField y{"y", "y"};
  table.rows = {{x, x, one}, {x, x, one}, {y, x, one}};
  const Rows wanted = {{"x", "x", "1"}, {"", "x", "1"}, {"y", "x", "1"}};
  EXPECT_EQ(shown_cells(table).rows, wanted);
  EXPECT_EQ(study_csv(table), "figure,as,a\nx,x,1\nx,x,1\ny,x,1\n");
}

TEST(StudyTables, each_is_written_as_markdown_and_csv_under_a_name_of_its_own) {
  const MadeStudy made;
  const auto files = study_tables(made.view);
  std::set<std::string> names;
  for (const StudyFile& file : files) {
    names.insert(file.name);
    EXPECT_EQ(file.name.rfind("tables/", 0), 0U);
    EXPECT_THAT(file.text, Not(HasSubstr("nan")));
  }
  EXPECT_EQ(names.size(), files.size());
  EXPECT_EQ(files.size(), 2U * tables_of(made.view).size());
  EXPECT_TRUE(names.count("tables/window_100pct.md") == 1);
  EXPECT_TRUE(names.count("tables/window_100pct.csv") == 1);
}

TEST(StudyTables, a_group_says_which_of_its_regions_saves_least_and_most) {
  const MadeStudy made;
  const StudyIndex index(made.view);
  const Read read(table_named(made.view, "groups"));
  // Europe has one region alone; America two, in each of 2 jobs, 2 windows, 3 policies.
  EXPECT_EQ(read.shown.size(), 12U);
  const std::size_t row = read.at({"America", "vit-tiny", "100%", "lowest slots"});
  const CellPlace place{1, 1, StudyPolicy::lowest_slots, 0, 0};
  const double west = index.cell(0, place)->mean_of_pct;
  const double east = index.cell(1, place)->mean_of_pct;
  EXPECT_EQ(read.shown[row][4], west < east ? "West" : "East");
  EXPECT_EQ(read.shown[row][5], west < east ? "East" : "West");
  read.expect(row, 6, std::min(west, east), fixed(std::min(west, east), 1));
  read.expect(row, 7, (west + east) / 2, fixed((west + east) / 2, 1));
  read.expect(row, 8, std::max(west, east), fixed(std::max(west, east), 1));
  read.expect(row, 9, std::abs(west - east), fixed(std::abs(west - east), 1));
}

TEST(StudyTables, start_by_start_has_its_sums_and_what_it_rests_on) {
  MadeStudy made;
  made.study.windows.resize(1);
  study::BeyondAsk ask;
  ask.rule = 1;
  ask.jobs = {0};
  ask.windows = {0};
  ask.machines = {plan::Machine::held};
  ask.idle_share = 0.25;
  ask.price_per_gpu_hour = 3;
  for (const auto& region : made.study.regions) {
    auto& other = ask.other.emplace_back(region.intensity);
    std::reverse(other.begin(), other.end());
    made.view.other.push_back(region);
  }
  made.view.beyond_ask = ask;
  for (std::size_t region = 0; region < 3; ++region) {
    for (const auto& row : study::beyond(made.study, ask, {region, 0})) {
      made.view.beyond.push_back(row);
    }
  }
  const StudyTable table = table_named(made.view, "start_by_start");
  EXPECT_THAT(table.notes[0], HasSubstr("draws 25 % of the mean power"));
  EXPECT_THAT(table.notes[2], HasSubstr("Planned on marginal, priced on marginal too"));
  const Read read(table);
  ASSERT_EQ(read.shown.size(), 3U);
  const auto sums = study::over_regions(made.view.beyond);
  const std::size_t row = read.at({"bert-finetune", "6h", "held", "lowest_slots"});
  const study::BeyondRow& of = sums[1];
  ASSERT_EQ(of.policy, plan::Policy::lowest_slots);
  EXPECT_GT(of.sums.starts, 2U);
  read.expect(row, 4, static_cast<double>(of.sums.starts), std::to_string(of.sums.starts));
  read.expect(row, 6, of.saving_pct(), fixed(of.saving_pct(), 1));
  read.expect(row, 9, of.other_saving_pct(), fixed(of.other_saving_pct(), 1));
  read.expect(row, 10, of.other_worse_pct(), fixed(of.other_worse_pct(), 1));
  const auto figures = figures_of(made.view);
  const auto figure = std::find_if(figures.begin(), figures.end(), [](const StudyFigure& each) {
    return each.name == "start_by_start";
  });
  ASSERT_NE(figure, figures.end());
  EXPECT_THAT(figure->svg, HasSubstr(">held, lowest slots<"));
  EXPECT_THAT(figure->svg, HasSubstr(">" + fixed(of.saving_pct(), 1) + "<"));
  EXPECT_THAT(figure->svg, HasSubstr(">" + fixed(of.other_saving_pct(), 1) + "<"));
  EXPECT_EQ(table_named(made.view, "start_by_start_regions").rows.size(), 6U)
      << "the third region is too short";
}

// On an average signal nothing is saved that anybody could point at.
TEST(StudyTables, a_figure_is_called_what_its_signal_allows) {
  MadeStudy made;
  for (const Signal signal : {Signal::marginal, Signal::average}) {
    for (auto& region : made.study.regions) region.used.signal = signal;
    const bool marginal = signal == Signal::marginal;
    const std::string said = study_html(made.view) + study_text(made.view, "out", Style());
    EXPECT_EQ(said.find("price-taker") != std::string::npos, marginal);
    EXPECT_EQ(said.find("Saved ") != std::string::npos, marginal);
    EXPECT_EQ(said.find("saved against starting") != std::string::npos, marginal);
    EXPECT_EQ(said.find("Attributed less in a window of 6h") != std::string::npos, !marginal);
    EXPECT_EQ(said.find("not what the grid emits") != std::string::npos, !marginal);
    for (const StudyFile& file : study_tables(made.view)) {
      EXPECT_EQ(file.text.find("# Saved") != std::string::npos && !marginal, false) << file.name;
    }
  }
}

}  // namespace
}  // namespace lowtide::show
