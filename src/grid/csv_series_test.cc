#include "grid/csv_series.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/hash.h"
#include "grid/test_files.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Utc at(std::string_view text) { return parse_utc(text).value(); }

CsvSeries parsed(std::string_view text) {
  auto result = parse_csv_series(text, "s.csv");
  EXPECT_TRUE(result) << (result ? "" : result.error().line());
  return result.value_or(CsvSeries{});
}

// "00:00-01:00=10 .." of 2026-01-05, to compare pieces at a glance.
std::string drawn(const IntensitySeries& series) {
  std::string out;
  for (const IntensityPiece& piece : series.pieces()) {
    out += fmt::format("{}-{}={} ", format_utc(piece.span.begin).substr(11, 5),
                       format_utc(piece.span.end).substr(11, 5),
                       std::round(as_grams_per_kwh(piece.value) * 1000) / 1000);
  }
  return out;
}

TEST(CsvSeries, a_row_holds_to_the_next_and_the_last_holds_one_step) {
  const CsvSeries s =
      parsed("time,g_per_kwh\n2026-01-05T00:00Z,10\n2026-01-05T00:30Z,20.5\n2026-01-05T01:00Z,0\n");
  EXPECT_EQ(drawn(s.series), "00:00-00:30=10 00:30-01:00=20.5 01:00-01:30=0 ");
  EXPECT_EQ(s.step, minutes(30));
  EXPECT_EQ(s.rows, 3);
  EXPECT_EQ(s.gaps, 0);
}

TEST(CsvSeries, a_lost_row_is_a_gap_and_not_a_longer_hold) {
  const CsvSeries s = parsed(
      "time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T01:00Z,2\n2026-01-05T04:00Z,3\n"
      "2026-01-05T05:00Z,4\n");
  EXPECT_EQ(drawn(s.series), "00:00-01:00=1 01:00-02:00=2 04:00-05:00=3 05:00-06:00=4 ");
  EXPECT_EQ(s.gaps, 1);
  EXPECT_EQ(s.series.at(at("2026-01-05T03:00Z")), std::nullopt);
}

TEST(CsvSeries, a_blank_value_is_a_gap_and_not_a_zero) {
  const CsvSeries s =
      parsed("time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T01:00Z,\n2026-01-05T02:00Z,3\n");
  EXPECT_EQ(drawn(s.series), "00:00-01:00=1 02:00-03:00=3 ");
  EXPECT_EQ(s.missing, 1);
}

TEST(CsvSeries, a_row_out_of_step_ends_at_the_next_row) {
  const CsvSeries s = parsed(
      "time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T00:20Z,2\n2026-01-05T01:00Z,3\n"
      "2026-01-05T02:00Z,4\n2026-01-05T03:00Z,5\n");
  EXPECT_EQ(drawn(s.series),
            "00:00-00:20=1 00:20-01:00=2 01:00-02:00=3 02:00-03:00=4 03:00-04:00=5 ");
}

TEST(CsvSeries, equal_duplicates_are_dropped_and_counted) {
  const CsvSeries s = parsed(
      "time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T00:00:00+00:00,1.0\n2026-01-05T01:00Z,2\n"
      "2026-01-05T01:00Z,2\n");
  EXPECT_EQ(drawn(s.series), "00:00-01:00=1 01:00-02:00=2 ");
  EXPECT_EQ(s.duplicates, 2);
  EXPECT_EQ(s.rows, 4);
}

TEST(CsvSeries, a_change_of_step_is_reported_with_its_line) {
  std::string text = "time,g_per_kwh\n";
  for (int i = 0; i < 10; ++i) text += fmt::format("2026-01-05T{:02}:00Z,{}\n", i, i);
  for (int i = 0; i < 20; ++i) {
    text += fmt::format("2026-01-05T{:02}:{:02}Z,{}\n", 10 + i * 15 / 60, i * 15 % 60, i);
  }
  const CsvSeries s = parsed(text);
  EXPECT_EQ(s.step, minutes(15));
  ASSERT_EQ(s.step_changes.size(), 1U);
  EXPECT_EQ(s.step_changes[0], (StepChange{13, hours(1), minutes(15)}));
}

TEST(CsvSeries, a_hole_is_not_a_change_of_step) {
  const CsvSeries s = parsed(
      "time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T01:00Z,1\n2026-01-05T02:00Z,1\n"
      "2026-01-05T03:00Z,1\n2026-01-05T06:00Z,1\n2026-01-05T07:00Z,1\n2026-01-05T08:00Z,1\n"
      "2026-01-05T09:00Z,1\n");
  EXPECT_TRUE(s.step_changes.empty());
}

TEST(CsvSeries, crlf_byte_order_mark_offsets_quotes_and_swapped_columns_are_read) {
  const CsvSeries s = parsed(
      "\xEF\xBB\xBF\"g_per_kwh\",time\r\n100,\"2026-01-05T02:00+02:00\"\r\n"
      "200,2026-01-05 01:00:00.000Z\r\n\r\n300,2026-01-05T02:00:00\r\n");
  EXPECT_EQ(drawn(s.series), "00:00-01:00=100 01:00-02:00=200 02:00-03:00=300 ");
}

TEST(CsvSeries, a_file_without_a_last_line_end_is_whole) {
  EXPECT_EQ(parsed("time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T01:00Z,2").rows, 2);
}

TEST(CsvSeries, a_given_step_wins_over_the_most_frequent) {
  const auto s = parse_csv_series("time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T01:00Z,2\n",
                                  "s.csv", minutes(10));
  ASSERT_TRUE(s);
  EXPECT_EQ(drawn(s->series), "00:00-00:10=1 01:00-01:10=2 ");
}

struct Bad {
  const char* name;
  const char* text;
  const char* line;
};

class CsvErrors : public testing::TestWithParam<Bad> {};

TEST_P(CsvErrors, names_file_line_and_field) {
  const auto result = parse_csv_series(GetParam().text, "s.csv");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::malformed);
  EXPECT_EQ(result.error().line(), GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(
    Golden, CsvErrors,
    testing::Values(
        Bad{"empty", "", "s.csv: the file is empty"},
        Bad{"header_only", "time,g_per_kwh\n", "s.csv: no data rows"},
        Bad{"unknown_column", "time,g_per_kwh,price\n2026-01-05T00:00Z,1,2\n",
            "s.csv:1: unknown column 'price'; the header is time,g_per_kwh"},
        Bad{"column_twice", "time,time\n",
            "s.csv:1: unknown column 'time'; the header is time,g_per_kwh"},
        Bad{"no_value_column", "time\n2026-01-05T00:00Z\n",
            "s.csv:1: no column 'g_per_kwh'; the header is time,g_per_kwh"},
        Bad{"no_header", "2026-01-05T00:00Z,1\n",
            "s.csv:1: unknown column '2026-01-05T00:00Z'; the header is time,g_per_kwh"},
        Bad{"one_row", "time,g_per_kwh\n2026-01-05T00:00Z,1\n",
            "s.csv:2: one row does not say for how long it holds; add a second row"},
        Bad{"not_a_time", "time,g_per_kwh\n05/01/2026,1\n",
            "s.csv:2, field time: '05/01/2026' is not a time; write it as 2026-01-05T00:00:00Z"},
        Bad{"far_year", "time,g_per_kwh\n9999-01-05T00:00Z,1\n",
            "s.csv:2, field time: '9999-01-05T00:00Z' is not in 1970 to 2099"},
        Bad{"not_a_number", "time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T01:00Z,12,5\n",
            "s.csv:3: a row has two fields, time and g_per_kwh"},
        Bad{"text", "time,g_per_kwh\n2026-01-05T00:00Z,high\n",
            "s.csv:2, field g_per_kwh: 'high' is not a number"},
        Bad{"nan", "time,g_per_kwh\n2026-01-05T00:00Z,nan\n",
            "s.csv:2, field g_per_kwh: 'nan' is not a number"},
        Bad{"negative", "time,g_per_kwh\n2026-01-05T00:00Z,-1\n",
            "s.csv:2, field g_per_kwh: '-1' is below zero"},
        Bad{"backward",
            "time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T01:00Z,2\n2026-01-05T00:00Z,1\n",
            "s.csv:4, field time: the time goes back from 2026-01-05T01:00:00.000Z (line 3) to "
            "2026-01-05T00:00:00.000Z; sort the rows by time"},
        Bad{"unequal_duplicate", "time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T00:00Z,2\n",
            "s.csv:3, field g_per_kwh: another value for 2026-01-05T00:00:00.000Z than in line 2; "
            "keep one of the two rows"},
        Bad{"blank_against_value", "time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T00:00Z,\n",
            "s.csv:3, field g_per_kwh: another value for 2026-01-05T00:00:00.000Z than in line 2; "
            "keep one of the two rows"}),
    [](const auto& info) { return info.param.name; });

TEST(CsvSeries, a_year_of_five_minute_rows_keeps_every_row) {
  std::string text = "time,g_per_kwh\n";
  Utc time = at("2024-01-01");
  for (int i = 0; i < 105408; ++i, time += minutes(5)) {
    text += fmt::format("{},{}\n", format_utc(time), 100 + i % 300);
  }
  const CsvSeries s = parsed(text);
  EXPECT_EQ(s.series.pieces().size(), 105408U);
  EXPECT_EQ(s.series.pieces().back().span.end, at("2025-01-01"));
}

TEST(CsvProvider, answers_an_interval_and_names_the_file_and_its_hash) {
  const TestFolder folder;
  const std::string text = "time,g_per_kwh\n2026-01-05T00:00Z,10\n2026-01-05T01:00Z,20\n";
  const std::string path = folder.write("my.csv", text);
  IntensityUsed base;
  base.zone = "FR";
  base.signal = Signal::marginal;
  const auto provider = open_csv_series(path, base);
  ASSERT_TRUE(provider);
  const auto used = (*provider)->fetch({at("2026-01-05T00:30Z"), at("2026-01-05T05:00Z")});
  ASSERT_TRUE(used);
  EXPECT_EQ(drawn(used->series), "00:30-01:00=10 01:00-02:00=20 ");
  EXPECT_EQ(used->zone, "FR");
  EXPECT_EQ(used->signal, Signal::marginal);
  EXPECT_EQ(used->source, "file");
  EXPECT_EQ(used->model, path);
  EXPECT_EQ(used->step, hours(1));
  EXPECT_EQ(used->scope, std::nullopt);
  EXPECT_EQ(used->sha256, sha256_hex(text));
  EXPECT_EQ(used->error_low_rel, std::nullopt);
}

TEST(CsvProvider, times_without_an_offset_are_read_as_utc_and_said_to_be) {
  struct Case {
    const char* rows;
    const char* said;  // null: nothing
  };
  for (const Case& test : {
           Case{"2026-01-05T00:00,10\n2026-01-05T01:00,20\n", "2 of 2 times say no offset"},
           Case{"2026-01-05,10\n2026-01-06T00:00Z,20\n", "1 of 2 times say no offset"},
           Case{"2026-01-05 00:00:00Z,10\n2026-01-05 01:00:00Z,20\n", nullptr},
           Case{"2026-01-05T00:00-08:00,10\n2026-01-05T10:00+0100,20\n", nullptr},
       }) {
    const TestFolder folder;
    const std::string path = folder.write("s.csv", std::string("time,g_per_kwh\n") + test.rows);
    const auto provider = open_csv_series(path, {});
    ASSERT_TRUE(provider) << test.rows;
    const auto notes = (*provider)->notes();
    if (test.said == nullptr) {
      EXPECT_THAT(notes, ::testing::IsEmpty()) << test.rows;
    } else {
      EXPECT_THAT(notes, ::testing::ElementsAre(::testing::HasSubstr(test.said))) << test.rows;
    }
  }
}

TEST(CsvProvider, a_missing_file_is_absent_and_named) {
  const auto provider = open_csv_series("/nowhere/x.csv", {});
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().kind, ErrorKind::absent);
  EXPECT_EQ(provider.error().line(), "/nowhere/x.csv: No such file or directory");
}

TEST(Hash, sha256_of_abc_is_that_of_fips_180) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace lowtide::grid
