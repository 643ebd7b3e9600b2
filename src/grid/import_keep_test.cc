// Imports into the kept series.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "grid/hash.h"
#include "grid/import.h"
#include "grid/import_for_test.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::IsEmpty;

class ImportKeepTest : public ImportTest {
 protected:
  std::string cache_path() const { return folder_.path() + "/cache.db"; }
  KeptSeries kept() const { return KeptSeries::open(cache_path()).value(); }
};

// What is kept over a day, as "begin-end=g".
std::string drawn(KeptSeries kept, const SeriesKey& key, const char* day) {
  const auto points = kept.read(key, {at(day), at(day) + hours(24)});
  std::string out;
  for (const KeptPoint& point : points.value()) {
    fmt::format_to(std::back_inserter(out), "{}-{}={} ", format_utc(point.span.begin).substr(11, 5),
                   format_utc(point.span.end).substr(11, 5), as_grams_per_kwh(point.value));
  }
  return out;
}

TEST_F(ImportKeepTest, files_are_joined_by_time_and_what_both_have_is_kept_once) {
  auto reports = check({kOwn + "2020-01-01T02:00Z,3\n2020-01-01T03:00Z,4\n2020-01-01T06:00Z,7\n",
                        kOwn + "2020-01-01T00:00Z,1\n2020-01-01T01:00Z,2\n2020-01-01T02:00Z,3\n"
                               "2020-01-01T03:00Z,4\n"},
                       average())
                     .value();
  ASSERT_TRUE(keep_files(reports, average(), cache_path(), at("2026-01-01")));
  EXPECT_EQ(reports.front().repeated, 2) << "the file that begins later";
  EXPECT_EQ(reports.back().repeated, 0);
  EXPECT_EQ(reports.front().put->added + reports.back().put->added, 5);
  EXPECT_EQ(drawn(kept(), reports.front().key, "2020-01-01"),
            "00:00-01:00=1 01:00-02:00=2 02:00-03:00=3 03:00-04:00=4 06:00-07:00=7 ");
  EXPECT_EQ(reports.front().key.model, reports.back().key.model);
}

TEST_F(ImportKeepTest, unlike_values_of_two_files_are_refused_and_nothing_is_kept) {
  auto reports = check({kOwn + "2020-01-01T00:00Z,1\n2020-01-01T01:00Z,2\n",
                        kOwn + "2020-01-01T01:00Z,9\n2020-01-01T02:00Z,3\n"},
                       average())
                     .value();
  const auto done = keep_files(reports, average(), cache_path(), at("2026-01-01"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::malformed);
  EXPECT_THAT(done.error().line(), HasSubstr("1.csv:2, field g_per_kwh: another value for "
                                             "2020-01-01T01:00:00.000Z than in "));
  EXPECT_THAT(kept().list().value(), IsEmpty());
}

TEST_F(ImportKeepTest, the_model_is_the_file_and_the_same_again_adds_nothing) {
  const std::string text = kOwn + "2020-01-01T00:00Z,1\n2020-01-01T01:00Z,2\n";
  auto reports = check({text}, average()).value();
  ASSERT_TRUE(keep_files(reports, average(), cache_path(), at("2026-01-01")));
  EXPECT_EQ(reports.front().key.model, sha256_hex(text).substr(0, 12));
  auto again = check({text}, average()).value();
  ASSERT_TRUE(keep_files(again, average(), cache_path(), at("2026-01-02")));
  EXPECT_EQ(again.front().put->added, 0);
  EXPECT_EQ(again.front().put->equal, 2);
  ImportWish moved = average();
  moved.times.shift = -hours(1);
  auto other = check({text}, moved).value();
  ASSERT_TRUE(keep_files(other, moved, cache_path(), at("2026-01-03")));
  EXPECT_NE(other.front().key.model, reports.front().key.model) << "another series";
  EXPECT_EQ(kept().list().value().size(), 2U);
}

TEST_F(ImportKeepTest, the_import_that_came_last_is_the_newest_model) {
  std::vector<std::string> models;
  for (int i = 0; i < 4; ++i) {  // hashes say no order
    auto reports =
        check({kOwn + fmt::format("2020-01-01T00:00Z,1\n2020-01-01T01:00Z,{}\n", i)}, average())
            .value();
    ASSERT_TRUE(keep_files(reports, average(), cache_path(), at("2026-01-01")));
    models.push_back(reports.front().key.model);
  }
  SeriesKey key{"import", "local:X", Signal::average, std::nullopt, Gas::co2e, ""};
  EXPECT_EQ(kept().models(key, {at("2020-01-01"), at("2020-01-02")}).value(), models);
  EXPECT_EQ(drawn(kept(), key, "2020-01-01"), "00:00-01:00=1 01:00-02:00=3 ");
}

TEST_F(ImportKeepTest, estimated_values_and_gaps_stay_what_they_are) {
  ImportWish wish;
  auto reports =
      check({"Datetime (UTC),Zone id,Carbon intensity gCO2eq/kWh (direct),Data estimated\n"
             "2024-01-01 00:00:00,FR,1,false\n2024-01-01 01:00:00,FR,,true\n"
             "2024-01-01 02:00:00,FR,3,true\n"},
            wish)
          .value();
  ASSERT_TRUE(keep_files(reports, wish, cache_path(), at("2026-01-01")));
  const auto points =
      kept().read(reports.front().key, {at("2024-01-01"), at("2024-01-02")}).value();
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].kind, IntensityKind::history);
  EXPECT_EQ(points[1].kind, IntensityKind::estimated);
  EXPECT_EQ(points[1].span.begin, at("2024-01-01T02:00Z"));
}

TEST_F(ImportKeepTest, a_file_that_is_changed_in_between_is_not_kept) {
  auto reports = check({kOwn + "2020-01-01T00:00Z,1\n2020-01-01T01:00Z,2\n"}, average()).value();
  std::filesystem::last_write_time(
      files_.front(), std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  const auto done = keep_files(reports, average(), cache_path(), at("2026-01-01"));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().line(), HasSubstr("it was written to while it was read"));
}

TEST_F(ImportKeepTest, a_long_file_is_kept_whole) {
  std::string text = kOwn;
  constexpr int kRows = 20000;
  for (int i = 0; i < kRows; ++i) {
    text += fmt::format("{},{}\n", format_utc(at("2020-01-01") + i * minutes(5)), i % 977);
  }
  auto reports = check({text}, average()).value();
  ASSERT_TRUE(keep_files(reports, average(), cache_path(), at("2026-01-01")));
  EXPECT_EQ(reports.front().put->added, kRows);
  const auto points =
      kept().read(reports.front().key, {at("2020-01-01"), at("2020-06-01")}).value();
  ASSERT_EQ(points.size(), static_cast<std::size_t>(kRows));
  for (int i = 0; i < kRows; ++i) {
    ASSERT_EQ(points[static_cast<std::size_t>(i)].value, grams_per_kwh(i % 977)) << i;
  }
}

}  // namespace
}  // namespace lowtide::grid
