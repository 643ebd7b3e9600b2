// Small files with each fault that real ones have.
#include "grid/import.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/import_for_test.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(ImportTest, a_form_says_unit_signal_scope_gas_and_zone_of_time) {
  ImportWish wish;
  const auto reports =
      check({"\xEF\xBB\xBF"
             "Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO\xE2\x82\x82"
             "eq/kWh (direct),Carbon Intensity gCO\xE2\x82\x82"
             "eq/kWh (LCA),Data Source,Data Estimated\r\n"
             "2023-01-01 00:00:00,France,France,FR,25.09,43.84,x,false\r\n"
             "2023-01-01 01:00:00,France,France,FR,26,44,x,true\r\n"},
            wish);
  ASSERT_TRUE(reports) << reports.error().line();
  ASSERT_EQ(reports->size(), 2U);
  const SeriesKey direct{"import", "FR", Signal::average, Scope::direct, Gas::co2e, ""};
  EXPECT_EQ(reports->front().key, direct);
  EXPECT_EQ(reports->back().key.scope, Scope::lifecycle);
  EXPECT_EQ(reports->back().highest, grams_per_kwh(44));
  EXPECT_EQ(reports->back().estimated, 1);
  EXPECT_EQ(reports->back().step, hours(1));
  EXPECT_EQ(reports->back().first, at("2023-01-01T00:00Z"));
  EXPECT_EQ(reports->back().time_zone, "UTC, by the form");
  EXPECT_THAT(reports->back().ignored, ElementsAre("Country", "Zone Name", "Data Source"));
}

TEST_F(ImportTest, the_unit_makes_the_factor) {
  const ImportReport pounds =
      one("timestamp,MOER\n2019-02-28 00:00:00+00:00,1000\n"
          "2019-02-28 00:05:00+00:00,500\n",
          ImportWish{.zone = "local:X"});
  EXPECT_NEAR(as_grams_per_kwh(*pounds.highest), 453.59237, 1e-9);
  EXPECT_EQ(pounds.key.signal, Signal::marginal);
  EXPECT_EQ(pounds.key.gas, Gas::co2);
  const ImportReport kilos =
      one("time,moer\n2020-01-01 00:00:00+00:00,0.3\n"
          "2020-01-01 00:05:00+00:00,0.4\n",
          ImportWish{.zone = "local:X"});
  EXPECT_NEAR(as_grams_per_kwh(*kilos.lowest), 300, 1e-9);
  ImportWish stated = average();
  stated.unit = parse_unit("kgCO2/MWh").value();
  EXPECT_EQ(
      one("Time,Carbon Intensity\n2020-01-01T00:00Z,42\n2020-01-01T01:00Z,43\n", stated).lowest,
      grams_per_kwh(42));
}

TEST_F(ImportTest, units_are_read_in_every_spelling_and_say_the_gas) {
  const auto unit = [](const char* text) { return parse_unit(text).value(); };
  EXPECT_EQ(unit("gCO\xE2\x82\x82"
                 "eq/kWh")
                .gas,
            Gas::co2e);
  EXPECT_EQ(unit("g CO2 / kWh").gas, Gas::co2);
  EXPECT_EQ(unit("g/kWh").gas, std::nullopt);
  EXPECT_DOUBLE_EQ(unit("kg CO2e per MWh").g_per_kwh, 1);
  EXPECT_DOUBLE_EQ(unit("lbs/MWh").g_per_kwh, 0.45359237);
  EXPECT_DOUBLE_EQ(unit("kg/kWh").g_per_kwh, 1000);
  EXPECT_DOUBLE_EQ(unit("tCO2/MWh").g_per_kwh, 1000);
  for (const char* text : {"", "g", "kWh", "g/km", "g/kWh/h", "%"}) EXPECT_FALSE(parse_unit(text));
}

TEST_F(ImportTest, what_nothing_says_is_asked_for_with_its_flag) {
  const std::string bare =
      "Time,Carbon Intensity\n2020-01-01 00:00:00,42\n2020-01-01 00:30:00,43\n";
  EXPECT_THAT(trouble(bare), HasSubstr("does not say the unit; give --unit"));
  ImportWish wish;
  wish.zone = "local:X";
  wish.unit = parse_unit("g/kWh").value();
  EXPECT_THAT(trouble(bare, wish), HasSubstr("give --signal average or --signal marginal"));
  wish.signal = Signal::average;
  EXPECT_EQ(
      trouble(bare, wish),
      "0.csv:2, field time: '2020-01-01 00:00:00' says no zone of time; give --tz UTC, or the "
      "offset of local standard time such as --tz +01:00");
  wish.times.offset = hours(1);
  EXPECT_EQ(one(bare, wish).first, at("2019-12-31T23:00Z"));
  wish.zone.clear();
  EXPECT_THAT(trouble(bare, wish), HasSubstr("does not say the zone; give --zone"));
  EXPECT_THAT(trouble("time,a,b\n2020-01-01T00:00Z,1,2\n", wish), HasSubstr("--column: a, b"));
  EXPECT_THAT(trouble("UTC time,carbon_intensity\n2020-01-01 00:00:00,1\n"),
              HasSubstr("give --scope direct or --scope lifecycle"));
}

TEST_F(ImportTest, what_is_taken_unsaid_is_a_note) {
  const ImportReport report = one(kOwn + "2020-01-01 00:00,1\n2020-01-01 01:00,2\n");
  EXPECT_THAT(report.warnings, Contains(HasSubstr("nothing says the scope")));
  EXPECT_THAT(report.warnings, Contains(HasSubstr("taken as CO2e")));
  EXPECT_THAT(report.warnings, Contains("2 of 2 times say no offset and are read as UTC"));
}

TEST_F(ImportTest, the_scope_of_a_carboncast_file_is_in_its_name) {
  const std::string text =
      "UTC time,carbon_intensity,coal\n2020-01-01 00:00:00,1,9\n"
      "2020-01-01 01:00:00,2,9\n";
  const std::vector<std::string> files{folder_.write("X_direct_emissions.csv", text)};
  const auto reports = check_files(files, average());
  ASSERT_TRUE(reports) << reports.error().line();
  EXPECT_EQ(reports->front().key.scope, Scope::direct);
  EXPECT_THAT(reports->front().warnings, Contains("the scope is direct: by the file's name"));
}

TEST_F(ImportTest, dates_are_read_as_the_row_says_that_can_only_be_one) {
  const std::string days = "01/01/2022 00:00,1\n02/01/2022 00:00,2\n13/01/2022 00:00,3\n";
  EXPECT_EQ(one(kOwn + days).last, at("2022-01-13T00:00Z"));
  const std::string months = "01/01/2022 0:00,1\n01/02/2022 0:00,2\n01/13/2022 0:00,3\n";
  EXPECT_EQ(one(kOwn + months).last, at("2022-01-13T00:00Z"));
  const std::string either = "01/02/2022 00:00,1\n02/02/2022 00:00,2\n";
  EXPECT_THAT(trouble(kOwn + either), HasSubstr("give --dates day-first or month-first"));
  ImportWish wish = average();
  wish.times.dates = DateOrder::day_first;
  EXPECT_EQ(one(kOwn + either, wish).last, at("2022-02-02T00:00Z"));
  EXPECT_THAT(trouble(kOwn + "13/01/2022 00:00,1\n01/14/2022 00:00,2\n"),
              HasSubstr("'01/14/2022 00:00'"))
      << "both orders in one file";
}

TEST_F(ImportTest, hours_of_a_year_get_their_times_from_begin) {
  const std::string text =
      "T,residual_load,total_load,marginal_fuel,MEFs,XEFs\n"
      "0,1,1,gas,446.6,158.4\n1,1,1,gas,400,150\n3,1,1,gas,0,100\n";
  EXPECT_THAT(trouble(text, ImportWish{.zone = "AT"}), HasSubstr("--begin: the rows have no date"));
  ImportWish wish{.zone = "AT"};
  wish.times.begin = "2019-01-01";
  EXPECT_THAT(trouble(text, wish), HasSubstr("'2019-01-01' says no zone of time; give --tz"));
  wish.times.offset = hours(1);
  const auto reports = check({text}, wish);
  ASSERT_TRUE(reports) << reports.error().line();
  ASSERT_EQ(reports->size(), 2U);
  const ImportReport& marginal = reports->front();
  EXPECT_EQ(marginal.key.signal, Signal::marginal);
  EXPECT_EQ(reports->back().key.signal, Signal::average);
  EXPECT_EQ(marginal.first, at("2018-12-31T23:00Z"));
  EXPECT_EQ(marginal.steps_lost, 1);
  EXPECT_EQ(marginal.zeros, 1);
  EXPECT_THAT(marginal.warnings, Contains(HasSubstr("1 of 3 values are 0, the first in line 4")));
  wish.signal = Signal::marginal;
  EXPECT_EQ(check({text}, wish).value().size(), 1U);
}

TEST_F(ImportTest, rows_without_times_get_them_from_begin_and_step) {
  ImportWish wish = average();
  wish.unit = parse_unit("g/kWh").value();
  wish.times.begin = "2020-01-01T00:00Z";
  EXPECT_THAT(trouble("slack\n10\n\n30\n", wish), HasSubstr("--step 1h"));
  wish.times.step = minutes(30);
  const ImportReport report = one("slack\n10\n\n30\n", wish);
  EXPECT_EQ(report.last, at("2020-01-01T01:00Z"));
  EXPECT_EQ(report.missing, 1);
}

TEST_F(ImportTest, stamps_that_are_late_are_moved) {
  ImportWish wish = average();
  wish.times.shift = -hours(1);
  EXPECT_EQ(one(kOwn + "2020-01-01T01:00Z,1\n2020-01-01T02:00Z,2\n", wish).first,
            at("2020-01-01T00:00Z"));
  EXPECT_EQ(parse_shift("-1h").value(), -hours(1));
  EXPECT_EQ(parse_shift("+30m").value(), minutes(30));
  EXPECT_FALSE(parse_shift("late"));
}

TEST_F(ImportTest, a_clock_that_is_put_back_is_no_step_back_where_each_stamp_says_its_offset) {
  const ImportReport report =
      one(kOwn + "2020-10-25T02:00+02:00,1\n2020-10-25T02:00+01:00,2\n2020-10-25T03:00+01:00,3\n");
  EXPECT_EQ(report.first, at("2020-10-25T00:00Z"));
  EXPECT_EQ(report.gaps, 0);
  EXPECT_EQ(report.time_zone, "as each time says, its offset changes");
}

TEST_F(ImportTest, gaps_blanks_duplicates_and_runs_are_counted_and_never_filled) {
  const ImportReport report =
      one(kOwn +
          "2020-01-01T00:00Z,5\n2020-01-01T00:00Z,5.0\n2020-01-01T01:00Z,5\n"
          "2020-01-01T02:00Z,\n2020-01-01T03:00Z,NaN\n2020-01-01T04:00Z,\n"
          "2020-01-01T07:00Z,8\n");
  EXPECT_EQ(report.rows, 7);
  EXPECT_EQ(report.duplicates, 1);
  EXPECT_EQ(report.missing, 3);
  EXPECT_EQ(report.gaps, 1);
  EXPECT_EQ(report.steps_lost, 2);
  EXPECT_EQ(report.longest_constant, 3) << "a run of blanks says nothing either";
  EXPECT_EQ(report.mean, grams_per_kwh(6));
  EXPECT_THAT(report.warnings, Contains("3 blanks in a row from line 5 on"));
}

TEST_F(ImportTest, a_value_that_stands_for_a_day_is_flagged) {
  std::string text = kOwn;
  for (int i = 0; i < 72; ++i) {
    text += fmt::format("{},{}\n", format_utc(at("2020-01-01") + hours(i)), i < 48 ? i : 7);
  }
  EXPECT_THAT(one(text).warnings, Contains("the same value for 1 d 0 h from line 50 on (24 rows)"));
  EXPECT_EQ(one(text).longest_constant, 24);
}

TEST_F(ImportTest, a_step_that_changes_is_told_with_its_line) {
  std::string text = kOwn;
  Utc t = at("2020-10-30T00:00Z");
  for (int i = 0; i < 30; ++i, t += minutes(i <= 20 ? 30 : 15)) {
    text += fmt::format("{},{}\n", format_utc(t), i);
  }
  const ImportReport report = one(text);
  EXPECT_EQ(report.step, minutes(30));
  EXPECT_EQ(report.gaps, 0);
  ASSERT_EQ(report.step_changes.size(), 1U);
  EXPECT_EQ(report.step_changes.front().to, minutes(15));
  EXPECT_THAT(report.warnings, Contains(HasSubstr("the step changes from 30 min 00 s to 15 min")));
}

TEST_F(ImportTest, odd_values_are_kept_and_flagged) {
  const ImportReport report =
      one(kOwn + "2020-01-01T00:00Z,-4\n2020-01-01T01:00Z,5000\n2020-01-01T02:00Z,0\n");
  EXPECT_EQ(report.lowest, grams_per_kwh(-4));
  EXPECT_EQ(report.highest, grams_per_kwh(5000));
  EXPECT_EQ(report.negative + report.absurd + report.zeros, 3);
  EXPECT_THAT(report.warnings, Contains(HasSubstr("1 values are below zero, the first in line 2")));
  EXPECT_THAT(report.warnings, Contains(HasSubstr("is the unit g/kWh? kept as they are")));
  EXPECT_THAT(one(kOwn + "2020-01-01T00:00Z,0.3\n2020-01-01T01:00Z,0.4\n").warnings,
              Contains(HasSubstr("below any grid: is the unit g/kWh?")));
}

struct Bad {
  const char* text;
  const char* said;
};

TEST_F(ImportTest, bad_input_is_refused_with_file_line_field_and_what_to_do) {
  for (const Bad& bad : std::initializer_list<Bad>{
           {"", "0.csv: the file is empty; download it again"},
           {"\n\n", "0.csv: the file is empty"},
           {"time,g_per_kwh\n", "0.csv: there are no rows behind the header"},
           {"{\"data\": [1]}\n", "0.csv:1: this is JSON and no table; write it as CSV"},
           {"<html>\n", "this is a page of HTML"},
           {"time;g_per_kwh\n2020-01-01;1,5\n", "0.csv:1: the columns are not separated by commas"},
           {"2020-01-01T00:00Z,5\n", "0.csv:1: the first line is a row"},
           {"time,g_per_kwh\n2020-01-01T00:00Z,1,5\n",
            "0.csv:2: 3 fields, and the header has 2; is it a decimal comma?"},
           {"time,g_per_kwh\n2020-01-01T00:00Z,\"1,5\"\n",
            "0.csv:2, field g_per_kwh: '1,5' is not a number; write numbers with a point"},
           {"time,g_per_kwh\n2020-01-01T00:00Z\n",
            "0.csv:2: 1 fields, and the header has 2; the line"},
           {"time,g_per_kwh\n2020-01-01T00:00Z,\"1\n", "0.csv:2: a quote is not closed"},
           {"time,g_per_kwh\n2020-01-01T00:00Z,many\n", "field g_per_kwh: 'many' is not a number"},
           {"time,g_per_kwh\n2020-01-01T00:00Z,inf\n", "'inf' is not a number"},
           {"time,g_per_kwh\n2020-13-01T00:00Z,1\n", "0.csv:2, field time: '2020-13-01T00:00Z' is"},
           {"time,g_per_kwh\n1960-01-01T00:00Z,1\n", "is not in 1970 to 2099"},
           {"time,g_per_kwh\n2020-01-01T00:00:00.5Z,1\n", "is finer than a second"},
           {"time,g_per_kwh\n2020-01-01T00:00Z,1\n2020-01-01 01:00,2\n",
            "0.csv:3, field time: '2020-01-01 01:00' says no offset, and rows before it say one"},
           {"time,g_per_kwh\n2020-01-01T01:00Z,1\n2020-01-01T00:00Z,2\n",
            "0.csv:3, field time: the time goes back from 2020-01-01T01:00:00.000Z (line 2)"},
           {"time,g_per_kwh\n2020-01-01T01:00Z,1\n2020-01-01T01:00Z,2\n",
            "0.csv:3, field g_per_kwh: another value for 2020-01-01T01:00:00.000Z than in line 2"},
           {"time,g_per_kwh\n2020-01-01T01:00Z,1\n", "0.csv: one row does not say for how long"},
       }) {
    EXPECT_THAT(trouble(bad.text), HasSubstr(bad.said)) << bad.text;
  }
}

TEST_F(ImportTest, two_zones_in_one_file_are_refused) {
  EXPECT_THAT(trouble("Datetime (UTC),Zone id,Carbon intensity gCO2eq/kWh (direct)\n"
                      "2024-01-01 00:00:00,FR,1\n2024-01-01 01:00:00,DE,2\n"),
              HasSubstr("0.csv:3, field zone: zone 'DE' after zone 'FR'; cut the file by zone"));
}

}  // namespace
}  // namespace lowtide::grid
