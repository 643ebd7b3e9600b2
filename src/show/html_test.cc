// The HTML reports as text: nothing from outside acts, nothing is loaded, gaps and textures show.
#include "show/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "account/sum.h"
#include "account/timeline.h"
#include "show/html_parts.h"
#include "show/sample_report.h"

namespace lowtide::show {
namespace {

using account::derive;
using account::TimelineStep;
using ::testing::HasSubstr;
using ::testing::Not;

const account::Tables kTables{{{"phone charges", grams(12.4), "EPA 2024"}}};

std::string page(const RunRecord& record) {
  const account::Report report = derive(record, kTables);
  const auto chart = account::timeline(record, report, kHtmlChartSteps);
  const auto table = account::timeline(record, report, kHtmlTableSteps);
  return report_html(report, {chart, table});
}

int count(const std::string& text, const std::string& what) {
  int found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++found;
  return found;
}

// What the chart draws, without the page's style.
std::string figure_of(const std::string& html) {
  const std::size_t begin = html.find("<figure>");
  return html.substr(begin, html.find("</figure>") - begin);
}

TEST(Html, text_from_outside_is_only_text) {
  EXPECT_EQ(in_html("<b>&\"'</b>"), "&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;");
  RunRecord record = measured_run();
  const std::string evil = "</title></script><script>alert(1)</script>\"' onload=x\x1b[31m";
  record.name = record.project = record.host = evil;
  record.command = {evil};
  record.intensity[0].model = record.intensity[0].zone = evil;
  record.channels[0].name = record.channels[0].note = evil;
  record.options.pue_source = evil;
  record.events.push_back({*record.begin, evil, evil});
  const std::string html = page(record);
  EXPECT_EQ(count(html, "<script"), 2);  // the series and the page's own
  EXPECT_THAT(html, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(html, Not(HasSubstr("\x1b")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)"));
  EXPECT_THAT(
      reports_html(std::vector{derive(record, {})}, *account::sum(std::vector{derive(record, {})})),
      Not(HasSubstr("alert(1)</script>")));
}

TEST(Html, nothing_is_loaded) {
  const std::string html = page(measured_run());
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  for (const char* what : {"http:", "https:", " src=", "@import", "<link", "<img", "<iframe"}) {
    EXPECT_THAT(html, Not(HasSubstr(what)));
  }
  EXPECT_FALSE(std::regex_search(html, std::regex("url\\((?!#)")));
  EXPECT_FALSE(std::regex_search(html, std::regex("href=\"(?!#)")));
}

TEST(Html, measured_modelled_and_filled_differ_by_texture) {
  std::vector<TimelineStep> steps(3);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Utc begin = Utc{} + std::chrono::minutes(i);
    steps[i].span = {begin, begin + std::chrono::minutes(1)};
    steps[i].power = watts(100);
    steps[i].intensity = grams_per_kwh(50);
    steps[i].cumulative = grams(static_cast<double>(i));
  }
  const account::Report report = derive(modelled_run(), {});
  const auto drawn = [&] { return figure_of(report_html(report, {steps, {}})); };
  EXPECT_THAT(drawn(), Not(HasSubstr("<path fill=\"url(#hatched)\"")));
  steps[1].modelled = watts(40);
  EXPECT_THAT(drawn(), HasSubstr("<path fill=\"url(#hatched)\""));
  EXPECT_THAT(drawn(), HasSubstr("modelled power"));
  EXPECT_THAT(drawn(), Not(HasSubstr("<path fill=\"url(#dotted)\"")));
  steps[2].filled = watts(10);
  EXPECT_THAT(drawn(), HasSubstr("<path fill=\"url(#dotted)\""));
  EXPECT_THAT(drawn(), HasSubstr("filled gap"));
  for (TimelineStep& step : steps) step.modelled = watts(100);
  EXPECT_THAT(drawn(), Not(HasSubstr("measured power")));
}

TEST(Html, gap_is_empty_and_marked_not_zero) {
  account::TestRun run(std::chrono::minutes(15));
  run.gpu(watts(100)).intensity({100, std::nullopt, 100});
  run.record.slots.erase(run.record.slots.begin() + 1);
  const std::string drawn = figure_of(page(run.record));
  // One of the power, one of the intensity.
  EXPECT_EQ(count(drawn, "a gap: not known"), 2);
  const std::size_t edge = drawn.find("class=\"poweredge\" d=\"");
  EXPECT_EQ(count(drawn.substr(edge, drawn.find("/>", edge) - edge), "M"), 2) << "two pieces";
  EXPECT_THAT(page(run.record), HasSubstr("null"));
}

TEST(Html, pauses_are_marked) {
  account::TestRun run(std::chrono::minutes(15));
  run.gpu(watts(100)).constant(100);
  EXPECT_THAT(figure_of(page(run.record)), Not(HasSubstr("paused or waiting")));
  run.record.slots[1].state = RunState::paused;
  const std::string drawn = figure_of(page(run.record));
  EXPECT_EQ(count(drawn, "<rect class=\"rest\""), 1);
  EXPECT_THAT(drawn, HasSubstr("<title>paused</title>"));
  EXPECT_THAT(drawn, HasSubstr("paused or waiting")) << "in the legend";
  EXPECT_EQ(count(page(run.record), " (paused)"), 8) << "a third of the table's rows";
}

TEST(Html, missing_channel_is_marked_where_the_others_go_on) {
  account::TestRun run(std::chrono::minutes(15));
  run.gpu(watts(100)).gpu(watts(100)).constant(100);
  run.record.slots.erase(run.record.slots.begin() + 1);
  const std::string drawn = figure_of(page(run.record));
  EXPECT_EQ(count(drawn, "some device was not read"), 1);
  EXPECT_EQ(count(drawn, "a gap: not known"), 0);
}

TEST(Html, chart_is_described_and_axis_is_local) {
  use_zone("XXX-5:30");
  const std::string html = page(measured_run());
  EXPECT_THAT(html, HasSubstr("<title id=\"chart-title\">"));
  EXPECT_THAT(html, HasSubstr("<desc id=\"chart-desc\">Power from 2026-01-05 05:30:00 +05:30"));
  EXPECT_THAT(html, HasSubstr(">06:00</text>"));
  EXPECT_THAT(html, HasSubstr("\"offset_ms\":19800000"));
  EXPECT_EQ(count(html, "<h1>"), 1);
  use_zone("UTC0");
}

TEST(Html, what_is_not_known_is_said_and_not_drawn) {
  RunRecord record = modelled_run();
  record.intensity.clear();
  record.channels.clear();
  record.slots.clear();
  record.use.clear();
  record.end.reset();
  const std::string html = page(record);
  EXPECT_THAT(html, Not(HasSubstr("<figure>")));
  EXPECT_GE(count(html, "not known"), 4);
}

TEST(Html, bars_stay_inside_and_name_their_parts) {
  const std::string bar = html_bar({{60, Texture::solid, "a"}, {70, Texture::hatched, "b \"c\""}},
                                   std::pair{-5.0, 150.0});
  EXPECT_THAT(bar, HasSubstr("aria-label=\"a, b &quot;c&quot;\""));
  EXPECT_THAT(bar, HasSubstr("x=\"60.00%\" y=\"4\" width=\"40.00%\""));
  EXPECT_THAT(bar, HasSubstr("x1=\"0.00%\" x2=\"100.00%\""));
}

TEST(Html, several_runs_have_their_phases) {
  std::vector<account::Report> reports = {derive(modelled_run(), {}), derive(modelled_run(), {})};
  reports[1].run.id = "b";
  reports[1].run.host = "other";
  reports[1].run.state = RunState::failed;
  const std::string html = reports_html(reports, *account::sum(reports));
  EXPECT_THAT(html, HasSubstr("aria-label=\"exploration 50 %, failures 50 %\""));
  EXPECT_THAT(html, HasSubstr("<td>total</td><td class=\"num\">2</td>"));
}

// 9 days of 10 channels are drawn in no more steps than an hour of one.
TEST(Html, page_does_not_grow_with_the_run) {
  account::TestRun run(std::chrono::hours(24 * 9));
  std::vector<Power> parts(500);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = watts(300 + 250 * static_cast<double>((i * 7919) % 101) / 101.0);
  }
  for (int i = 0; i < 8; ++i) run.gpu(parts);
  run.channel(ChannelKind::cpu, Source::model, parts)
      .channel(ChannelKind::dram, Source::model, parts);
  run.intensity(std::vector<std::optional<double>>(216, 100));
  EXPECT_LT(page(run.record).size(), 200'000U);
}

}  // namespace
}  // namespace lowtide::show
