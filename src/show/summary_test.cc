#include "show/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "show/chart.h"
#include "show/live.h"
#include "show/report_text.h"
#include "show/runs_table.h"
#include "show/sample_report.h"

namespace lowtide::show {
namespace {

using account::derive;
using account::Report;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

int widest(const std::string& text) {
  int width = 0;
  for (const std::string& line : lines_of(text)) width = std::max(width, width_of(line));
  return width;
}

// Everything that show writes for one run.
std::vector<std::string> all_texts(const RunRecord& record, const Style& style) {
  const Report report = derive(record, account::test_tables());
  const std::vector<Report> reports = {report};
  const auto steps = account::timeline(record, report, chart_steps(style));
  return {summary(report, style), report_text(report, steps, style), runs_table(reports, style),
          reports_text(reports, account::sum(reports).value(), style),
          live_line(account::live(record, account::test_tables()), style)};
}

TEST(Summary, of_a_modelled_run) {
  EXPECT_EQ(summary(derive(modelled_run(), account::test_tables()), {false, 100}),
            "lowtide     digits · finished in 31 s, exit 0 · energy 100 % modelled · run 7f3a\n"
            " energy     0.61 Wh (0.30 to 0.91) · CPU 0.52 Wh (modelled +-50 %) · DRAM 0.09 Wh "
            "(modelled +-50 %)\n"
            "            · no GPU seen\n"
            " intensity  62.0 g/kWh · FR · average, life-cycle · typical year 2022 · place assumed "
            "from the time\n"
            "            zone Europe/Paris\n"
            " carbon     0.047 g CO2e (0.026 to 0.084) · 0.038 g operational + 0.009 g embodied "
            "(assumed) ·\n"
            "            boundary CPU+DRAM, PUE not included\n"
            " SCI        0.047 g CO2e per run\n"
            " assumed    intensity: typical year 2022 stands for the time of the run · cpu:0: a "
            "table of thermal\n"
            "            design power · dram:0: a table of thermal design power\n"
            " next       lowtide show 7f3a · lowtide doctor · lowtide report 7f3a --format json\n");
}

TEST(Summary, of_a_measured_run) {
  EXPECT_EQ(
      summary(derive(measured_run(), account::test_tables()), {false, 200}),
      "lowtide     bert · finished in 3 h 00 min, exit 0 · run 7f3a\n"
      " energy     3.63 kWh (3.40 to 3.86) · of it IT 3.06 kWh · GPU 2.85 kWh (2 devices, "
      "measured +-5 %) · CPU 0.21 kWh (measured)\n"
      " intensity  266 g/kWh · US-CAL-CISO · average, life-cycle · file test.csv\n"
      " carbon     1.02 kg CO2e (0.90 to 1.17) · 0.96 kg operational + 0.05 kg embodied "
      "(assumed) · boundary GPU+CPU, PUE 1.185 · by the marginal signal 2.63 kg operational\n"
      " SCI        170 g CO2e per gpu-hour\n"
      " coverage   gpu:0 99 % of the time · the rest is left out of the figures\n"
      " notice     sensor-late: gpu:0, 150 s\n"
      " next       lowtide show 7f3a · lowtide compare 7f3a · lowtide report 7f3a --format json\n");
}

TEST(Summary, first_line_warns_when_over_30_percent_is_modelled) {
  RunRecord record = measured_run();
  EXPECT_THAT(lines_of(summary(derive(record, account::test_tables()), {false, 80}))[0],
              Not(HasSubstr("modelled")));
  for (ChannelSlot& slot : record.slots) slot.quality = Quality::modelled;
  EXPECT_THAT(lines_of(summary(derive(record, account::test_tables()), {false, 80}))[0],
              HasSubstr("energy 100 % modelled"));
}

TEST(Summary, at_most_15_lines_at_any_width) {
  for (const RunRecord& record : {modelled_run(), measured_run()}) {
    for (int width = 1; width <= 200; ++width) {
      EXPECT_LE(lines_of(summary(derive(record, account::test_tables()), {false, width})).size(),
                kSummaryLines)
          << width;
    }
  }
}

TEST(Summary, gpu_line_tells_what_was_seen_and_used) {
  RunRecord record = measured_run();
  record.channels[1].in_total = false;
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              HasSubstr("1 of 2 GPUs used"));
  record.channels[0].in_total = false;
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              HasSubstr("2 GPUs seen, none used"));
}

TEST(Summary, unknown_is_said_with_its_reason) {
  RunRecord record = modelled_run();
  record.intensity.clear();
  const std::string text = summary(derive(record, account::test_tables()), {false, 200});
  EXPECT_THAT(text, HasSubstr("carbon     not known · no average intensity is known"));
  EXPECT_THAT(text, HasSubstr("SCI        not known per run"));
  record.channels.clear();
  record.slots.clear();
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              HasSubstr("energy     not known"));
}

TEST(Summary, missing_bounds_are_said) {
  RunRecord record = modelled_run();
  record.intensity[0].error_high_rel.reset();
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 300}),
              HasSubstr("no bounds: the error of"));
}

TEST(Summary, colour_only_when_asked_for) {
  const Report report = derive(modelled_run(), account::test_tables());
  EXPECT_THAT(summary(report, {false, 80}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(summary(report, {true, 80}), HasSubstr("\x1b[33m"));
}

TEST(Texts, fit_20_80_and_200_columns) {
  for (const RunRecord& record : {modelled_run(), measured_run()}) {
    for (const int width : {20, 37, 80, 200}) {
      for (const std::string& text : all_texts(record, {false, width})) {
        EXPECT_LE(widest(text), width) << text;
      }
    }
  }
}

TEST(Texts, nothing_from_outside_reaches_the_terminal_raw) {
  RunRecord record = measured_run();
  const std::string evil = "\x1b]0;owned\x07\nx\r";
  record.name = record.id = record.project = record.host = record.exit_note = evil;
  record.command = {evil, evil};
  record.exit_status.reset();
  record.lowtide_version = record.options.per = record.options.pue_source = evil;
  for (ChannelInfo& channel : record.channels) {
    channel.id = channel.name = channel.uuid = channel.note = evil;
    channel.errors = {{ErrorTermKind::gain, 0.1, 0.1, {}, {}, {}, {}, evil}};
  }
  for (IntensityUsed& used : record.intensity) {
    used.zone = used.asked = used.resolved_by = used.source = used.model = evil;
    used.sha256 = used.licence = used.error_reference = evil;
    used.place_assumed = used.fallback = true;
  }
  record.events = {{*record.begin, evil, evil}};
  for (const std::string& text : all_texts(record, {false, 200})) {
    const bool raw = std::any_of(text.begin(), text.end(), [](char c) {
      return c != '\n' && static_cast<unsigned char>(c) < 0x20;
    });
    EXPECT_FALSE(raw) << text;
  }
  EXPECT_EQ(lines_of(summary(derive(record, account::test_tables()), {false, 2000})).size(), 9U);
}

TEST(Summary, an_end_after_the_deadline_is_told_before_what_else_befell_the_run) {
  RunRecord record = measured_run();
  record.events.clear();
  for (const char* kind : {"life", "paused", "late"})
    record.events.push_back({*record.begin, kind, "x"});
  const std::string text = summary(derive(record, account::test_tables()), {false, 100});
  EXPECT_NE(text.find("notice     late: x"), std::string::npos) << text;
}

TEST(LiveLine, drops_phrases_that_do_not_fit) {
  const account::Live live = account::live(measured_run(), account::test_tables());
  EXPECT_EQ(live_line(live, {false, 200}),
            "3:00:00 · 479 W · 3.63 kWh · 30.0 g/kWh · 964 g CO2e so far · SCI 170 g/gpu-hour");
  EXPECT_EQ(live_line(live, {false, 30}), "3:00:00 · 479 W · 3.63 kWh");
}

TEST(LiveLine, unknown_is_a_dash_not_zero) {
  EXPECT_EQ(live_line({}, {false, 80}), "0:00:00 · - W · - Wh · - g/kWh · - g CO2e so far · SCI -");
}

TEST(RunsTable, one_line_a_run_and_columns_go_by_rank) {
  use_zone("UTC0");
  std::vector<Report> reports = {derive(modelled_run(), account::test_tables()),
                                 derive(measured_run(), account::test_tables())};
  reports[1].run.id = "5c01";
  EXPECT_EQ(
      runs_table(reports, {false, 120}),
      "id    name    begin                  duration       kWh   gCO2e             SCI  state\n"
      "7f3a  digits  2026-01-05 00:00:00        31 s  0.000607  0.0469    0.0469 g/run  "
      "finished\n"
      "5c01  bert    2026-01-05 00:00:00  3 h 00 min      3.63    1018  170 g/gpu-hour  "
      "finished\n");
  EXPECT_EQ(lines_of(runs_table(reports, {false, 20})).size(), 3U);
  EXPECT_THAT(runs_table({}, {false, 80}), StartsWith("no runs yet"));
}

TEST(Chart, gap_is_a_dot_and_power_a_column) {
  const Utc begin(std::chrono::seconds(1'767'571'200));
  std::vector<account::TimelineStep> steps(3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto n = std::chrono::minutes(i);
    steps[i].span = {begin + n, begin + n + std::chrono::minutes(1)};
  }
  steps[0].power = watts(100);
  steps[2].power = watts(50);
  const std::vector<std::string> lines = lines_of(chart(steps, {false, 80}));
  EXPECT_EQ(lines[1], "   100 █");
  EXPECT_EQ(lines[3], "       █ █");
  EXPECT_EQ(lines[4], "     0 █·█");
}

TEST(Chart, says_when_the_run_was_paused) {
  std::vector<account::TimelineStep> steps(4);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Utc begin{std::chrono::minutes(i)};
    steps[i].span = {begin, begin + std::chrono::minutes(1)};
  }
  EXPECT_THAT(chart(steps, {false, 80}), Not(HasSubstr("paused")));
  steps[1].state = steps[2].state = RunState::paused;
  EXPECT_THAT(chart(steps, {false, 80}), HasSubstr("\npaused  ▒▒\n"));
  EXPECT_THAT(chart(steps, {false, 80}), Not(HasSubstr("waits")));
}

TEST(Chart, unit_is_such_that_no_label_is_cut) {
  const std::tuple<double, const char*, const char*> cases[] = {
      {3.04e-5, "power uW", "  30.4 █"}, {0.0304, "power mW", "  30.4 █"},
      {304, "power W", "   304 █"},      {123456, "power kW", "   123 █"},
      {4.2e9, "power MW", "  4200 █"},   {1e-11, "power uW", " 1e-05 █"},
      {0, "power W", "     0"}};
  for (const auto& [power, title, label] : cases) {
    account::TimelineStep step;
    step.span = {Utc{}, Utc(std::chrono::seconds(9))};
    step.power = watts(power);
    step.cumulative = grams(power);
    const std::vector<account::TimelineStep> steps(20, step);
    const std::string text = chart(steps, {false, 80});
    EXPECT_EQ(lines_of(text)[0], title);
    EXPECT_THAT(lines_of(text)[1], StartsWith(label));
    EXPECT_THAT(text, Not(HasSubstr("…")));
  }
}

TEST(Texts, a_run_that_has_just_begun_is_not_said_to_be_0_long_or_unmeasurable) {
  RunRecord record = modelled_run();
  record.end.reset();
  record.exit_status.reset();
  record.state = RunState::running;
  record.slots.clear();
  record.use.clear();
  const Report report = derive(record, account::test_tables());
  EXPECT_EQ(report.duration, std::nullopt);
  for (const std::string& text : all_texts(record, {false, 200})) {
    EXPECT_THAT(text, Not(HasSubstr("0 ms")));
    EXPECT_THAT(text, Not(HasSubstr("could be measured")));
  }
  EXPECT_THAT(summary(report, {false, 200}), HasSubstr("running, just begun"));
  EXPECT_THAT(summary(report, {false, 200}), HasSubstr("energy     not known yet"));
  EXPECT_THAT(summary(report, {false, 200}), Not(HasSubstr("coverage")));
  record.intensity.clear();  // comes with the first flush too
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              HasSubstr("intensity  not known yet\n"));
}

TEST(Summary, a_place_that_is_not_known_is_said_where_it_matters) {
  RunRecord record = modelled_run();
  record.intensity[0].resolved_by = "world";
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              HasSubstr("place not known: give --location"));
  record.intensity[0].source = "constant";
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              Not(HasSubstr("place")));
}

TEST(Summary, energy_that_is_not_known_has_its_reason) {
  RunRecord record = modelled_run();
  record.slots.clear();
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              HasSubstr("energy     not known: nothing was read from cpu:0, dram:0\n"));
  record.channels.clear();
  const std::string nothing = "energy     not known: no sensor here, and no model for this machine";
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              HasSubstr(nothing + "\n"));
  record.events = {{*record.begin, "place-note", "x"},
                   {*record.begin, "sensor-denied", "powercap: permission denied"}};
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              HasSubstr("energy     not known: powercap: permission denied\n"));
}

TEST(Summary, coverage_is_told_of_what_was_not_read_and_never_of_nothing) {
  RunRecord record = modelled_run();
  record.slots.clear();
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              HasSubstr("coverage   cpu:0 0 % of the time · dram:0 0 % of the time"));
  record = modelled_run();
  for (ChannelSlot& slot : record.slots) slot.device = Energy{};
  EXPECT_THAT(summary(derive(record, account::test_tables()), {false, 200}),
              Not(HasSubstr("coverage")))
      << "all of the time was read, and there is no energy that an intensity could be missing for";
}

TEST(ReportText, has_every_part) {
  RunRecord record = measured_run();
  account::Tables tables = account::test_tables();
  tables.equivalents = {{"phone charged", grams(12.4), "2024, EPA (eGRID): 1.24e-5 t", Gas::co2}};
  const Report report = derive(record, tables);
  const std::string text = report_text(report, {}, {false, 200});
  for (const char* part :
       {"channels", "not counted", "IT 3.06 kWh = active", "bounds (95 % half-widths)",
        "gpu:0 gain +-5 %", "pue gain", "ISO/IEC 21031:2024",
        "82.1 x phone charged (12.4 g CO2 each, edition 2024, EPA)", "sensor-late gpu:0",
        "provenance", "lowtide.methods/1", "LCA H100", "coverage",
        "= (E 3.63 kWh x I 266 g/kWh + M 53.8 g) / 6.00 gpu-hour", "by the marginal signal"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

}  // namespace
}  // namespace lowtide::show
