// A study's figures and page as text: well formed, drawn to scale, nothing loaded.
#include "show/study_figures.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <set>

#include "show/study_for_test.h"
#include "show/study_html.h"
#include "show/study_index.h"
#include "show/study_outputs.h"
#include "show/study_svg.h"

namespace lowtide::show {
namespace {

using study::StudyPolicy;
using ::testing::HasSubstr;
using ::testing::Not;

// What is wrong with the tags of a text of XML, or of HTML with its void elements; "" for nothing.
std::string fault_of(const std::string& xml) {
  static const std::regex tag_of(R"(<(/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(/?)>)");
  const std::set<std::string> never_closed = {"meta", "br"};
  std::vector<std::string> open;
  std::size_t tags = 0;
  for (std::sregex_iterator tag(xml.begin(), xml.end(), tag_of), end; tag != end; ++tag) {
    const std::string name = (*tag)[2];
    ++tags;
    if (!(*tag)[4].str().empty() || never_closed.count(name) == 1) continue;
    if ((*tag)[1].str().empty()) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> closes nothing";
    } else {
      open.pop_back();
    }
  }
  const auto signs = static_cast<std::size_t>(std::count(xml.begin(), xml.end(), '<'));
  if (signs != tags) return "a < that begins no tag";
  return open.empty() ? "" : "<" + open.back() + "> stays open";
}

StudyFigure figure_named(const StudyView& view, const std::string& name) {
  for (StudyFigure& figure : figures_of(view)) {
    if (figure.name == name) return figure;
  }
  ADD_FAILURE() << "no figure " << name;
  return {};
}

// The numbers of each match.
std::vector<std::vector<double>> numbers_in(const std::string& text, const std::string& pattern) {
  std::vector<std::vector<double>> out;
  const std::regex regex(pattern);
  for (std::sregex_iterator found(text.begin(), text.end(), regex), end; found != end; ++found) {
    auto& row = out.emplace_back();
    for (std::size_t i = 1; i < found->size(); ++i) row.push_back(std::stod((*found)[i]));
  }
  return out;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++found;
  return found;
}

TEST(StudyFigures, each_is_a_whole_document_under_a_name_of_its_own) {
  const MadeStudy made;
  std::set<std::string> names;
  for (const StudyFile& file : study_figures(made.view)) {
    EXPECT_TRUE(names.insert(file.name).second) << file.name;
    EXPECT_EQ(fault_of(file.text), "") << file.name;
    EXPECT_EQ(file.text.rfind("<svg xmlns=", 0), 0U);
    EXPECT_EQ(count(file.text, "<style>"), 1U);
    EXPECT_THAT(file.text, Not(HasSubstr("nan")));
    EXPECT_THAT(file.text, Not(HasSubstr("inf")));
    EXPECT_THAT(file.text, Not(HasSubstr("var(")));
  }
  // Months, spread; two jobs with three policies; charges of two jobs.
  EXPECT_EQ(names.size(), 2U + 2 * 3 + 2);
  EXPECT_EQ(names.count("figures/regions_vit-tiny_exact.svg"), 1U);
}

TEST(StudyFigures, bars_are_to_one_scale_and_say_their_figure) {
  const MadeStudy made;
  const std::string svg = figure_named(made.view, "regions_bert-finetune_flexible_start").svg;
  std::vector<double> values;
  for (std::size_t window = 0; window < 2; ++window) {
    for (const study::Cell& cell : made.view.cells) {
      if (cell.job != 0 || cell.window != window || !is_first(cell) ||
          cell.policy != StudyPolicy::flexible_start || cell.starts == 0) {
        continue;
      }
      values.push_back(cell.mean_of_pct);
    }
  }
  const auto bars = numbers_in(svg, R"re(width="([\d.]+)" height="11" class="g\d")re");
  ASSERT_EQ(bars.size(), values.size());
  ASSERT_EQ(bars.size(), 4U) << "two regions that have starts, two windows";
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(bars[i][0] / bars[0][0], values[i] / values[0], 0.01);
    EXPECT_THAT(svg, HasSubstr(">" + fixed(values[i], 1) + "</text>"));
  }
  EXPECT_EQ(count(svg, ">–</text>"), 2U) << "North has no start in either window";
  EXPECT_THAT(svg, HasSubstr("class=\"g0 bold\">America</text>"));
  EXPECT_THAT(svg, HasSubstr("class=\"g1 bold\">Europe</text>"));
}

TEST(StudyFigures, a_legend_names_each_colour_once_or_none) {
  MadeStudy made;
  for (const char* group : {"a", "b", "c", "d"}) {
    made.study.regions.push_back(made.study.regions[0]);
    made.study.regions.back().group = group;
  }
  EXPECT_THAT(figure_named(made.view, "regions_vit-tiny_exact").svg,
              Not(HasSubstr("bold\">America")));
}

TEST(StudyFigures, a_region_alone_has_no_mean_beside_it) {
  MadeStudy made;
  EXPECT_THAT(figure_named(made.view, "regions_vit-tiny_exact").svg, HasSubstr("mean of regions"));
  made.study.regions.resize(1);
  std::erase_if(made.view.cells, [](const study::Cell& cell) { return cell.region > 0; });
  made.view.months.resize(1);
  EXPECT_THAT(figure_named(made.view, "regions_vit-tiny_exact").svg,
              Not(HasSubstr("mean of regions")));
}

TEST(StudyFigures, what_costs_more_than_starting_at_once_goes_to_the_left) {
  MadeStudy made;
  for (study::Cell& cell : made.view.cells) {
    if (cell.region == 0 && cell.job == 0) cell.mean_of_pct = -4;
    if (cell.region == 1 && cell.job == 0) cell.mean_of_pct = 8;
  }
  const std::string svg = figure_named(made.view, "regions_bert-finetune_lowest_slots").svg;
  const auto bars =
      numbers_in(svg, R"re(x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="11" class="g0")re");
  ASSERT_EQ(bars.size(), 4U);
  EXPECT_NEAR(bars[0][0] + bars[0][1], bars[1][0], 0.11) << "both end at the zero";
  EXPECT_NEAR(bars[1][1], 2 * bars[0][1], 0.2);
  EXPECT_THAT(svg, HasSubstr(">−4.0</text>"));
}

TEST(StudyFigures, months_without_a_figure_break_the_line) {
  MadeStudy made;
  using std::chrono::year;
  const std::vector<std::optional<double>> grams_by_month = {1000, 2000, std::nullopt, 1500, 500};
  auto& line = made.view.months[0];
  line.months.clear();
  for (unsigned month = 1; const auto& value : grams_by_month) {
    line.months.emplace_back(year(2020) / std::chrono::month(month++),
                             value ? std::optional(grams(*value)) : std::nullopt);
  }
  made.view.months.resize(1);
  const std::string svg = figure_named(made.view, "figure1_months").svg;
  const std::regex path("<path d=\"(M[^\"]*)\" class=\"l0 d0\"/>");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(svg, found, path));
  const auto points = numbers_in(found[1], R"re([ML]([\d.]+) ([\d.]+))re");
  ASSERT_EQ(points.size(), 4U);
  EXPECT_EQ(count(found[1], "M"), 2U);
  EXPECT_NEAR(points[2][0] - points[1][0], 2 * (points[1][0] - points[0][0]), 0.4);
  // 1000 g down to 500 g is half of 2000 g down to 1000 g.
  EXPECT_NEAR(points[3][1] - points[2][1], points[0][1] - points[1][1], 0.2);
  EXPECT_THAT(svg, HasSubstr(">West</text>"));
  EXPECT_THAT(svg, HasSubstr(">2020</text>"));
  made.view.months.push_back({0, 1, {{year(2019) / 1, grams(5)}, {year(2019) / 2, grams(9)}}});
  EXPECT_THAT(figure_named(made.view, "figure1_months").svg, Not(HasSubstr(">2020</text>")))
      << "years beside each other";
  made.view.months.resize(1);
  made.view.months[0].months = {{year(2020) / 1, grams(5)}};
  EXPECT_THAT(figure_named(made.view, "figure1_months").svg, HasSubstr("<circle"))
      << "a month alone is no line";
}

TEST(StudyFigures, boxes_lie_on_powers_of_ten) {
  MadeStudy made;
  made.view.spreads = {
      {0, 5, grams(10), grams(100), grams(100), grams(100), grams(1000), grams(10000)},
      {1, 5, grams(0), grams(10), grams(20), grams(20), grams(40), grams(50)}};
  const std::string svg = figure_named(made.view, "figure2_spread").svg;
  const auto boxes = numbers_in(
      svg, R"re(<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="18" class="edge")re");
  ASSERT_EQ(boxes.size(), 2U);
  EXPECT_NEAR(boxes[0][0] - boxes[1][0], boxes[0][1], 0.2) << "a decade is a decade";
  EXPECT_NEAR(boxes[1][1], std::log10(4) * boxes[0][1], 0.2);
  // The lowest start of the second job emits nothing: its whisker has no end.
  EXPECT_EQ(count(svg, "class=\"edge\"/>"), 2U * 3 + 1 + 2);
  EXPECT_THAT(svg, HasSubstr(">20.0 g (0 g to 50.0 g)</text>"));
  for (const char* tick : {">1 g<", ">10 g<", ">10 kg<"}) EXPECT_THAT(svg, HasSubstr(tick));
}

TEST(StudyFigures, charges_have_a_point_each) {
  const MadeStudy made;
  const std::string svg = figure_named(made.view, "resume_charge_vit-tiny").svg;
  // Two policies that pause, two windows, two charges.
  EXPECT_EQ(count(svg, "<circle"), 8U);
  const auto at = [&](StudyPolicy policy, std::size_t resume) {
    return StudyIndex(made.view).mean({1, 0, policy, resume})->of.mean_of_pct;
  };
  const auto dots = numbers_in(svg, R"re(cy="([\d.]+)" r="2.2" class="g1")re");
  const auto exact = numbers_in(svg, R"re(cy="([\d.]+)" r="2.2" class="g0")re");
  ASSERT_EQ(dots.size(), 4U);
  ASSERT_EQ(exact.size(), 4U);
  const double a_percent = (dots[1][0] - dots[0][0]) /
                           (at(StudyPolicy::lowest_slots, 0) - at(StudyPolicy::lowest_slots, 1));
  EXPECT_NEAR((exact[1][0] - dots[1][0]) / a_percent,
              at(StudyPolicy::lowest_slots, 1) - at(StudyPolicy::exact, 1), 0.1);
  // The highest and the next figure of the axis.
  const auto axis = numbers_in(svg, R"re(y="([\d.]+)" class="end">([\d.]+) %<)re");
  const double of_axis = (axis[0][0] - axis[1][0]) / (axis[0][1] - axis[1][1]);
  EXPECT_NEAR(-of_axis, a_percent, 0.02 * a_percent);
  const double at_the_dot = axis[0][1] + (dots[0][0] + 4 - axis[0][0]) / of_axis;
  EXPECT_NEAR(at_the_dot, at(StudyPolicy::lowest_slots, 0), 0.1);
}

TEST(StudySvg, labels_keep_apart_in_order_and_inside) {
  const std::vector<double> wanted = {50, 51, 52, 10, 90, 200, 199, -5};
  const auto heights = spread_labels(wanted, 14, 0, 200);
  std::vector<std::pair<double, double>> order;
  order.reserve(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) order.emplace_back(wanted[i], heights[i]);
  std::sort(order.begin(), order.end());
  EXPECT_GE(order.front().second, 0);
  EXPECT_LE(order.back().second, 200);
  for (std::size_t i = 1; i < order.size(); ++i) {
    EXPECT_GE(order[i].second - order[i - 1].second, 14 - 1e-9);
  }
  EXPECT_NEAR(heights[4], 90, 1e-9) << "where there is room nothing moves";
  EXPECT_NEAR((heights[0] + heights[1] + heights[2]) / 3, 51, 1e-9 + 7) << "around their middle";
}

TEST(StudySvg, steps_are_1_2_or_5) {
  EXPECT_DOUBLE_EQ(nice_step(25, 6), 5);
  EXPECT_DOUBLE_EQ(nice_step(0.13, 5), 0.05);
  EXPECT_DOUBLE_EQ(nice_step(900, 5), 200);
  EXPECT_DOUBLE_EQ(nice_step(0, 5), 1);
}

TEST(StudyHtml, the_page_is_well_formed_and_has_all_tables_and_figures) {
  const MadeStudy made;
  std::string html = study_html(made.view);
  EXPECT_EQ(count(html, "class=\"fig\""), figures_of(made.view).size());
  EXPECT_EQ(count(html, "<h1>"), 1U);
  EXPECT_THAT(html, HasSubstr("<h1>A made study &lt;of&gt; tests &amp; &quot;quotes&quot;</h1>"));
  for (const char* what :
       {"Saved in a window of 6h", "made for a test, CC0", "lowtide study made.toml --out made",
        "every 3 h from midnight, UTC", "marginal, scope not stated", "mean of percents",
        "2020-01-05T00:00Z to 2020-02-14T00:00Z", "Agreement with the paper",
        "series for non-commercial use alone"}) {
    EXPECT_THAT(html, HasSubstr(what));
  }
  const std::size_t script = html.find("<script>");
  html.erase(script, html.find("</script>") - script + 9);
  html.erase(0, html.find("<html"));
  EXPECT_EQ(fault_of(html), "");
  const auto ids = std::regex("id=\"([^\"]+)\"");
  std::set<std::string> seen;
  for (std::sregex_iterator id(html.begin(), html.end(), ids), end; id != end; ++id) {
    EXPECT_TRUE(seen.insert((*id)[1]).second) << (*id)[1];
  }
}

TEST(StudyHtml, nothing_is_loaded_and_text_from_outside_is_only_text) {
  MadeStudy made;
  const std::string evil = "</title></script><script>alert(1)</script>\"' onload=x\x1b[31m";
  made.study.title = made.view.command = evil;
  made.study.regions[0].name = made.study.regions[0].group = evil;
  made.study.regions[0].used.licence = made.study.regions[0].used.model = evil;
  made.study.jobs[0].title = made.study.jobs[0].source = evil;
  made.study.windows[0].name = made.study.rules[0].name = evil;
  for (const StudyFile& file : study_outputs(made.view)) {
    EXPECT_THAT(file.text, Not(HasSubstr("\x1b"))) << file.name;
    EXPECT_THAT(file.name, Not(HasSubstr("<")));
    if (file.name.ends_with(".csv")) continue;  // text alone
    EXPECT_THAT(file.text, Not(HasSubstr("<script>alert"))) << file.name;
    if (file.name.ends_with(".md")) continue;
    EXPECT_THAT(file.text, Not(HasSubstr("@import"))) << file.name;
    EXPECT_FALSE(std::regex_search(file.text, std::regex("(?: src|href)=\"(?!#)"))) << file.name;
    if (!file.name.ends_with(".svg")) continue;
    EXPECT_EQ(fault_of(file.text), "") << file.name;
  }
  EXPECT_THAT(study_html(made.view), HasSubstr("default-src 'none'"));
}

TEST(StudyHtml, a_study_without_any_result_says_so_without_figures) {
  MadeStudy made;
  for (study::Cell& cell : made.view.cells) cell.starts = 0;
  for (study::Cell& cell : made.view.cells) cell.mean_of_pct = std::nan("");
  made.view.means.clear();
  made.view.spreads.clear();
  made.view.months.clear();
  made.view.start_tables.clear();
  EXPECT_TRUE(figures_of(made.view).empty());
  const std::string html = study_html(made.view);
  EXPECT_THAT(html, Not(HasSubstr("class=\"fig\"")));
  EXPECT_THAT(html, HasSubstr(">–</td>"));
}

TEST(StudyOutputs, are_all_that_is_written) {
  const MadeStudy made;
  std::set<std::string> names;
  for (const StudyFile& file : study_outputs(made.view)) {
    EXPECT_TRUE(names.insert(file.name).second) << file.name;
    EXPECT_FALSE(file.text.empty());
  }
  for (const char* name : {"results.csv", "cells.csv", "index.html", "tables/agreement.md",
                           "tables/window_6h.csv", "figures/figure1_months.svg"}) {
    EXPECT_EQ(names.count(name), 1U) << name;
  }
}

}  // namespace
}  // namespace lowtide::show
