#include "grid/csv_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "grid/csv_series.h"

namespace lowtide::grid {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;

const Utc kBegin = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5);

struct Part {
  int from;  // minutes
  int to;
  double value;
};

IntensitySeries series_of(const std::vector<Part>& parts) {
  std::vector<IntensityPiece> pieces;
  pieces.reserve(parts.size());
  for (const auto& [from, to, value] : parts) {
    pieces.push_back({{kBegin + minutes(from), kBegin + minutes(to)}, grams_per_kwh(value)});
  }
  return IntensitySeries::from(std::move(pieces)).value();
}

// What a reader makes of it, as minutes; pieces that go on with the same value are one.
std::string read_back(const std::string& text) {
  const auto read = parse_csv_series(text, "text");
  if (!read) return read.error().line();
  std::string out;
  Utc end{};
  double last = -1;
  for (const IntensityPiece& piece : read->series.pieces()) {
    const double value = as_grams_per_kwh(piece.value);
    if (piece.span.begin != end || value != last) {
      if (!out.empty()) out += std::to_string((end - kBegin) / minutes(1)) + " ";
      out += std::to_string((piece.span.begin - kBegin) / minutes(1)) + "=" +
             std::to_string(static_cast<int>(value)) + ">";
    }
    end = piece.span.end;
    last = value;
  }
  return out + std::to_string((end - kBegin) / minutes(1));
}

TEST(CsvText, a_row_a_step_and_a_gap_is_no_row) {
  const auto text = csv_text(series_of({{0, 60, 1.5}, {60, 120, 2}, {300, 360, 0}}));
  EXPECT_EQ(text.value(),
            "time,g_per_kwh\n2026-01-05T00:00:00Z,1.5\n2026-01-05T01:00:00Z,2\n"
            "2026-01-05T05:00:00Z,0\n");
  EXPECT_EQ(read_back(*text), "0=1>60 60=2>120 300=0>360");
}

TEST(CsvText, a_piece_that_ends_early_is_ended_by_a_row_without_a_value) {
  const auto text = csv_text(series_of({{0, 60, 1}, {60, 120, 2}, {120, 150, 3}}));
  EXPECT_THAT(text.value(), HasSubstr("T02:00:00Z,3\n2026-01-05T02:30:00Z,\n"));
  EXPECT_EQ(read_back(*text), "0=1>60 60=2>120 120=3>150");
}

TEST(CsvText, a_piece_of_several_steps_is_as_many_rows_and_a_lone_one_is_ended) {
  EXPECT_EQ(read_back(csv_text(series_of({{0, 30, 1}, {30, 60, 2}, {60, 135, 3}})).value()),
            "0=1>30 30=2>60 60=3>135");
  EXPECT_EQ(read_back(csv_text(series_of({{0, 60, 7}})).value()), "0=7>60");
  EXPECT_EQ(read_back(csv_text(series_of({{0, 3 * 24 * 60, 7}})).value()), "0=7>4320")
      << "a longer step than a day is written by the hour";
}

TEST(CsvText, where_gaps_would_be_taken_for_the_step_they_are_written) {
  // Each second hour: the rows alone would say a step of two hours.
  const auto text = csv_text(series_of({{0, 60, 1}, {120, 180, 2}, {240, 300, 3}}));
  EXPECT_THAT(text.value(), HasSubstr("T01:00:00Z,\n"));
  EXPECT_EQ(read_back(*text), "0=1>60 120=2>180 240=3>300");
}

TEST(CsvText, what_follows_no_step_is_refused_with_the_form_that_has_room) {
  const auto text = csv_text(series_of({{0, 9, 1}, {16, 25, 2}, {32, 41, 3}, {48, 57, 4}}));
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().line(), HasSubstr("--format json"));
  EXPECT_EQ(csv_text(IntensitySeries()).error().kind, ErrorKind::absent);
}

TEST(CsvText, random_series_are_read_back_to_the_bit) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Part> parts;
    for (int at = 0; at < 1440;) {
      const int length = random() % 4 == 0 ? 15 : 30;
      if (random() % 5 != 0) {
        parts.push_back({at, at + length, std::uniform_real_distribution(0.0, 900.0)(random)});
      }
      at += length;
    }
    const IntensitySeries series = series_of(parts);
    const auto text = csv_text(series);
    ASSERT_TRUE(text) << text.error().line();
    const auto read = parse_csv_series(*text, "text").value().series;
    EXPECT_EQ(csv_text(read).value(), *text) << round;
    for (const IntensityPiece& piece : series.pieces()) {
      EXPECT_EQ(read.at(piece.span.begin), piece.value) << round;
      EXPECT_EQ(read.covered(piece.span), piece.span.length()) << round;
    }
    EXPECT_EQ(read.covered({kBegin, kBegin + std::chrono::days(2)}),
              series.covered({kBegin, kBegin + std::chrono::days(2)}));
  }
}

}  // namespace
}  // namespace lowtide::grid
