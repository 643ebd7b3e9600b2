// The file of the kept series: opening, its bound, several processes. Values: kept_values_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "grid/kept_for_test.h"
#include "host/child_for_test.h"

namespace lowtide::grid {
namespace {

using host::Child;
using host::Database;
using host::eventually;
using host::TempFolder;
using testing::HasSubstr;

// Hours since the begin of kept_for_test's day.
constexpr int kMonth = 24 * 31;

std::vector<double> hours(int count, double first = 0) {
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = first += 0.37;
  return values;
}

void sql(const std::string& path, const char* text) {
  auto database = Database::open(path, Database::Access::read_write);
  ASSERT_TRUE(database->execute(text));
}

std::uintmax_t size_of(const TempFolder& folder) {
  std::uintmax_t sum = 0;
  for (const char* name : {"cache.db", "cache.db-wal"}) {
    if (folder.has(name)) sum += std::filesystem::file_size(folder.path(name));
  }
  return sum;
}

void expect_refused_and_untouched(const TempFolder& folder, const std::string& words) {
  const std::string before = folder.read("cache.db");
  for (auto* open : {&KeptSeries::open, &KeptSeries::open_to_read}) {
    const auto kept = open(folder.path("cache.db"));
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().kind, ErrorKind::malformed);
    EXPECT_THAT(kept.error().line(), HasSubstr(words));
    EXPECT_EQ(kept.error().where, folder.path("cache.db"));
    EXPECT_EQ(kept.error().line().find('\n'), std::string::npos);
  }
  EXPECT_EQ(folder.read("cache.db"), before);
}

TEST(KeptFile, a_new_one_is_its_owners_only_and_holds_what_is_put) {
  const TempFolder folder;
  const std::string path = folder.path("new/cache.db");
  ASSERT_TRUE(KeptSeries::open(path)->put(batch(0, {10, 11}), {}, at(5)));
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(std::filesystem::status(folder.path("new")).permissions(),
            std::filesystem::perms(0700));
  auto kept = KeptSeries::open_to_read(path).value();
  EXPECT_EQ(read_text(kept, {at(0), at(9)}), "0:10 1:11");
}

TEST(KeptFile, reading_before_the_first_fetch_is_absent_and_creates_nothing) {
  const TempFolder folder;
  const auto none = KeptSeries::open_to_read(folder.path("cache.db"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::absent);
  EXPECT_THAT(none.error().line(), HasSubstr("lowtide grid fetch"));
  EXPECT_FALSE(folder.has("cache.db"));
}

TEST(KeptFile, what_is_no_cache_or_of_a_newer_lowtide_is_refused_and_left_untouched) {
  const TempFolder newer;
  static_cast<void>(KeptSeries::open(newer.path("cache.db")));
  sql(newer.path("cache.db"), "PRAGMA journal_mode=DELETE; PRAGMA user_version=999");
  expect_refused_and_untouched(newer, "newer lowtide (schema 999");
  const TempFolder other;
  sql(other.path("cache.db"), "CREATE TABLE value(key INTEGER); INSERT INTO value VALUES(1)");
  expect_refused_and_untouched(other, "not a cache of lowtide");
  const TempFolder text;
  text.write("cache.db", std::string(5000, 'x'));
  expect_refused_and_untouched(text, "remove it");
}

TEST(KeptFile, a_damaged_one_is_one_line_and_is_not_written_over) {
  const TempFolder folder;
  const std::string path = folder.path("cache.db");
  ASSERT_TRUE(KeptSeries::open(path)->put(batch(0, hours(5000)), {}, at(5000)));
  sql(path, "PRAGMA journal_mode=DELETE");
  const auto size = std::filesystem::file_size(path);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    for (std::uintmax_t page = 4096; page < size; page += 4096) {
      file.seekp(static_cast<std::streamoff>(page));
      file << std::string(4096, '\x5a');
    }
  }
  const std::string before = folder.read("cache.db");
  const auto told = [&](const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::malformed);
    EXPECT_THAT(error.line(), HasSubstr(path));
    EXPECT_THAT(error.line(), HasSubstr("remove it"));
  };
  auto kept = KeptSeries::open_to_read(path);
  if (!kept) return told(kept.error());
  const auto read = kept->read(key_of(), {at(0), at(5000)});
  ASSERT_FALSE(read);
  told(read.error());
  const auto put = kept->put(batch(0, {1}), {}, at(1));
  ASSERT_FALSE(put);
  told(put.error());
  EXPECT_EQ(folder.read("cache.db"), before);
}

TEST(KeptFile, one_that_may_only_be_read_is_read) {
  const TempFolder folder;
  const std::string path = folder.path("cache.db");
  ASSERT_TRUE(KeptSeries::open(path)->put(batch(0, {10}), {}, at(5)));
  sql(path, "UPDATE month SET used_s=0; PRAGMA journal_mode=DELETE; PRAGMA journal_mode=WAL");
  const Child reader([&] {
    if (geteuid() == 0 && (chmod(path.c_str(), 0444) != 0 ||
                           chmod(folder.root().c_str(), 0777) != 0 || setuid(65534) != 0)) {
      return 2;
    }
    auto kept = KeptSeries::open_to_read(path);
    return kept && read_text(*kept, {at(0), at(9)}) == "0:10" ? 0 : 1;
  });
  EXPECT_EQ(const_cast<Child&>(reader).exit_status(), 0);
}

TEST(KeptFile, notes_are_kept_with_their_time) {
  const TempFolder folder;
  auto kept = KeptSeries::open(folder.path("cache.db")).value();
  EXPECT_FALSE(kept.noted("zone watttime FR")->has_value());
  ASSERT_TRUE(kept.note("zone watttime FR", "FR_1", at(1)));
  ASSERT_TRUE(kept.note("zone watttime FR", "FR_2", at(2)));
  const auto note = kept.noted("zone watttime FR").value();
  EXPECT_EQ(note->value, "FR_2");
  EXPECT_EQ(note->at, at(2));
}

class KeptBound : public testing::Test {
 protected:
  // Eight months of hours, each read on another day: the later months longer ago.
  KeptBound() {
    for (int month = 0; month < 8; ++month) {
      const Interval asked{at(month * kMonth), at((month + 1) * kMonth)};
      EXPECT_TRUE(kept_.put(batch(month * kMonth, hours(kMonth)), asked, at(10000)));
    }
    sql(path_, "UPDATE month SET used_s=86400*(20000-(begin_s/2592000))");
  }
  std::size_t values_in(Interval over) { return kept_.read(key_of(), over)->size(); }

  TempFolder folder_;
  std::string path_ = folder_.path("cache.db");
  KeptSeries kept_ = KeptSeries::open(path_).value();
};

TEST_F(KeptBound, what_was_not_read_for_the_longest_goes_until_the_file_is_small_enough) {
  const auto whole = static_cast<std::int64_t>(size_of(folder_));
  ASSERT_TRUE(kept_.shrink(whole));  // with the journal it is larger than need be
  ASSERT_EQ(values_in({at(0), at(8 * kMonth)}), 5952U);
  sql(path_, "UPDATE month SET used_s=86400*(20000-(begin_s/2592000))");
  const std::int64_t bound = 150'000;
  EXPECT_GT(kept_.shrink(bound).value(), 0);
  EXPECT_LE(size_of(folder_), static_cast<std::uintmax_t>(bound));
  EXPECT_GT(size_of(folder_), static_cast<std::uintmax_t>(bound / 2)) << "no more than need be";
  EXPECT_EQ(values_in({at(0), at(480)}), 480U) << "the newest read stays";
  EXPECT_EQ(values_in({at(7 * kMonth), at(8 * kMonth)}), 0U);
  const auto to_ask =
      kept_.to_ask({key_of(), {at(7 * kMonth), at(8 * kMonth)}}, {at(20000), {}, {}});
  EXPECT_EQ(to_ask.value(), (std::vector{Interval{at(7 * kMonth), at(8 * kMonth)}}))
      << "what is gone is asked again";
  EXPECT_TRUE(kept_.to_ask({key_of(), {at(0), at(480)}}, {at(20000), {}, {}})->empty());
  const KeptLine line = kept_.list()->front();
  EXPECT_EQ(static_cast<std::size_t>(line.values), values_in({at(0), at(8 * kMonth)}));
}

TEST_F(KeptBound, reading_keeps_a_month_and_is_noted_once_a_day) {
  EXPECT_GT(values_in({at(7 * kMonth), at(8 * kMonth)}), 0U);
  const auto changes = [&] { return folder_.read("cache.db-wal"); };
  const std::string before = changes();
  EXPECT_GT(values_in({at(7 * kMonth), at(8 * kMonth)}), 0U);
  EXPECT_EQ(changes(), before) << "the second reading writes nothing";
  ASSERT_TRUE(kept_.shrink(100'000));
  EXPECT_GT(values_in({at(7 * kMonth), at(8 * kMonth)}), 0U);
  EXPECT_EQ(values_in({at(6 * kMonth), at(6 * kMonth + 24)}), 0U);
}

TEST_F(KeptBound, forecasts_go_with_the_month_of_their_issue) {
  for (int month = 8; month < 10; ++month) {
    Batch issue = batch(month * kMonth, hours(kMonth), IntensityKind::forecast);
    issue.issued = at(month * kMonth);
    ASSERT_TRUE(kept_.put(issue, {}, at(10000)));
  }
  sql(path_, "UPDATE month SET used_s=86400*(20000-(begin_s/2592000))");
  ASSERT_TRUE(kept_.shrink(150'000));
  EXPECT_LE(size_of(folder_), 150'000U);
  EXPECT_EQ(values_in({at(8 * kMonth), at(10 * kMonth)}), 0U);
  EXPECT_GT(values_in({at(0), at(24)}), 0U);
}

TEST_F(KeptBound, a_bound_that_nothing_fits_in_leaves_an_empty_file_that_works) {
  ASSERT_TRUE(kept_.shrink(1));
  EXPECT_TRUE(kept_.list()->empty());
  ASSERT_TRUE(kept_.put(batch(0, {10}), {}, at(5)));
  EXPECT_EQ(read_text(kept_, {at(0), at(9)}), "0:10");
}

TEST(KeptProcesses, two_write_and_one_reads_at_once) {
  const TempFolder folder;
  const std::string path = folder.path("cache.db");
  static_cast<void>(KeptSeries::open(path));
  const auto writer = [&](int which) {
    return [&path, which] {
      for (int i = which; i < 60; i += 2) {
        auto kept = KeptSeries::open(path);
        if (!kept ||
            !kept->put(batch(i * 24, hours(24, i)), {at(i * 24), at(i * 24 + 24)}, at(9000))) {
          return 1;
        }
      }
      return 0;
    };
  };
  Child even(writer(0));
  Child odd(writer(1));
  Child reader([&path] {
    auto kept = KeptSeries::open_to_read(path);
    std::size_t seen = 0;
    while (kept && seen < 1440) {
      const auto points = kept->read(key_of(), {at(0), at(60 * 24)});
      if (!points || points->size() < seen || points->size() % 24 != 0) return 1;  // whole days
      seen = points->size();
    }
    return kept ? 0 : 2;
  });
  EXPECT_EQ(even.exit_status(), 0);
  EXPECT_EQ(odd.exit_status(), 0);
  EXPECT_EQ(reader.exit_status(), 0);
}

TEST(KeptProcesses, a_writer_that_holds_the_file_does_not_stop_who_reads) {
  const TempFolder folder;
  const std::string path = folder.path("cache.db");
  ASSERT_TRUE(KeptSeries::open(path)->put(batch(0, {10}), {}, at(5)));
  sql(path, "UPDATE month SET used_s=0");
  auto database = Database::open(path, Database::Access::read_write).value();
  ASSERT_TRUE(database.execute("BEGIN IMMEDIATE; DELETE FROM value"));
  auto kept = KeptSeries::open_to_read(path).value();
  EXPECT_EQ(read_text(kept, {at(0), at(9)}), "0:10");
}

TEST(KeptProcesses, one_that_is_killed_in_a_put_leaves_a_good_file_without_half_a_chunk) {
  constexpr int kChunk = 240;
  const Interval all{at(0), at(kChunk * 2000)};
  for (int round = 0; round < 10; ++round) {
    const TempFolder folder;
    const std::string path = folder.path("cache.db");
    auto kept = KeptSeries::open(path).value();
    Child writer([&] {
      auto mine = KeptSeries::open(path).value();
      for (int i = 0;; ++i) {
        const Interval asked{at(i * kChunk), at((i + 1) * kChunk)};
        if (!mine.put(batch(i * kChunk, hours(kChunk, round)), asked, at(90000))) return 1;
      }
    });
    const auto points = [&] { return static_cast<int>(kept.read(key_of(), all)->size()); };
    EXPECT_TRUE(eventually([&] { return points() >= kChunk * (round + 1); }));
    writer.send(SIGKILL);
    static_cast<void>(writer.wait());
    const int left = points();
    EXPECT_EQ(left % kChunk, 0) << "a chunk is whole or not there";
    const auto to_ask = kept.to_ask({key_of(), all}, {at(99999), {}, {}}).value();
    ASSERT_EQ(to_ask.size(), 1U);
    EXPECT_EQ(to_ask[0].begin, at(left)) << "asked is what is there";
    auto check = Database::open(path, Database::Access::read_write).value();
    auto sound = check.prepare("PRAGMA integrity_check").value();
    ASSERT_TRUE(sound.step().value());
    EXPECT_EQ(sound.text(0), "ok");
  }
}

}  // namespace
}  // namespace lowtide::grid
