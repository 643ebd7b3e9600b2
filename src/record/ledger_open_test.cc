// Opening, finding and listing; what is written and read back is in ledger_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "host/child_for_test.h"
#include "record/ledger.h"
#include "record/run_for_test.h"

namespace lowtide::record {
namespace {

using host::TempFolder;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> ids(const Result<std::vector<RunLine>>& lines) {
  std::vector<std::string> found;
  for (const RunLine& line : lines.value()) found.push_back(line.id);
  return found;
}

// The database as another program would leave it.
std::string database_with(const TempFolder& folder, const char* sql) {
  const std::string path = folder.path("ledger.db");
  auto database = Database::open(path, Database::Access::read_write);
  EXPECT_TRUE(database->execute(sql));
  return path;
}

void expect_refused_and_untouched(const TempFolder& folder, const std::string& words) {
  const std::string before = folder.read("ledger.db");
  for (auto* open : {&Ledger::open, &Ledger::open_to_read}) {
    const auto ledger = open(folder.path("ledger.db"));
    ASSERT_FALSE(ledger);
    EXPECT_EQ(ledger.error().kind, ErrorKind::malformed);
    EXPECT_THAT(ledger.error().message, HasSubstr(words));
    EXPECT_EQ(ledger.error().where, folder.path("ledger.db"));
  }
  EXPECT_EQ(folder.read("ledger.db"), before);
  EXPECT_FALSE(folder.has("ledger.db-wal"));
}

TEST(Ledger, one_of_a_newer_lowtide_is_refused_and_left_untouched) {
  const TempFolder folder;
  static_cast<void>(Ledger::open(folder.path("ledger.db")).value().add(small_run("a"), {}));
  database_with(folder, "PRAGMA journal_mode=DELETE; PRAGMA user_version=999");
  expect_refused_and_untouched(folder, "newer lowtide (schema 999");
}

TEST(Ledger, one_of_an_older_schema_is_brought_up_to_date_with_its_runs) {
  for (auto* open : {&Ledger::open, &Ledger::open_to_read}) {
    const TempFolder folder;
    static_cast<void>(Ledger::open(folder.path("ledger.db")).value().add(full_run(), {}));
    database_with(folder,
                  "DROP INDEX run_lives; DROP INDEX run_by_project;"
                  "ALTER TABLE run DROP COLUMN life_of; ALTER TABLE channel DROP COLUMN limit_w;"
                  "ALTER TABLE slot DROP COLUMN device_use;"
                  "ALTER TABLE slot DROP COLUMN second_path;"
                  "ALTER TABLE intensity_piece DROP COLUMN origin; DROP TABLE intensity_past;"
                  "DROP TABLE act; DROP TABLE act_transition; DROP TABLE act_plan;"
                  "DROP TABLE act_learnt;"
                  "PRAGMA user_version=1");
    auto ledger = open(folder.path("ledger.db"));
    ASSERT_TRUE(ledger) << ledger.error().line();
    const auto run = ledger->load(ledger->find("last")->key, true);
    ASSERT_TRUE(run);
    EXPECT_EQ(run->life_of, "");
    EXPECT_EQ(run->slots.size(), full_run().slots.size());
    EXPECT_FALSE(run->slots[0].use || run->slots[0].check || run->channels[0].limit);
    EXPECT_TRUE(Ledger::open(folder.path("ledger.db"))->add(small_run("b"), {}));
  }
}

TEST(Ledger, a_database_of_another_program_is_refused_and_left_untouched) {
  const TempFolder folder;
  database_with(folder, "CREATE TABLE run(key INTEGER); INSERT INTO run VALUES(1)");
  expect_refused_and_untouched(folder, "not a ledger of lowtide");
}

TEST(Ledger, a_file_that_is_no_database_is_refused_and_left_untouched) {
  const TempFolder folder;
  folder.write("ledger.db", std::string(5000, 'x'));
  expect_refused_and_untouched(folder, "not a database");
}

TEST(Ledger, a_place_that_cannot_hold_one_is_an_error_that_names_it) {
  const TempFolder folder;
  folder.write("file", "");
  const auto below_file = Ledger::open(folder.path("file/ledger.db"));
  ASSERT_FALSE(below_file);
  EXPECT_THAT(below_file.error().line(), HasSubstr(folder.path("file")));
  std::filesystem::create_directory(folder.path("folder.db"));
  const auto is_folder = Ledger::open(folder.path("folder.db"));
  ASSERT_FALSE(is_folder);
  EXPECT_EQ(is_folder.error().kind, ErrorKind::denied);
}

TEST(Ledger, reading_before_the_first_run_is_absent_and_creates_nothing) {
  const TempFolder folder;
  const auto none = Ledger::open_to_read(folder.path("ledger.db"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::absent);
  EXPECT_FALSE(folder.has("ledger.db"));
  folder.write("empty.db", "");
  EXPECT_EQ(Ledger::open_to_read(folder.path("empty.db")).error().kind, ErrorKind::absent);
}

TEST(Ledger, in_memory_works_like_one_on_disk) {
  auto ledger = Ledger::in_memory();
  ASSERT_TRUE(ledger);
  const auto key = ledger->add(full_run(), {});
  ASSERT_TRUE(key);
  EXPECT_EQ(ledger->load(*key, true)->samples.size(), 3U);
}

TEST(Ledger, the_same_id_is_not_added_twice) {
  auto ledger = Ledger::in_memory().value();
  EXPECT_TRUE(ledger.add(small_run("a"), {}));
  EXPECT_FALSE(ledger.add(small_run("a"), {}));
  EXPECT_EQ(ledger.list({})->size(), 1U);
}

class LedgerFind : public testing::Test {
 protected:
  LedgerFind() {
    int at = 0;
    for (const auto& [id, name] : {std::pair{"7f3a0001", "digits"},
                                   {"7f3a0002", "digits"},
                                   {"7f4b0003", "7f3"},
                                   {"_x%y0004", "last"},
                                   {"abc", "digits"},
                                   {"abcd0006", "7f4b"}}) {
      RunRecord run = small_run(id, at += 10);
      run.name = name;
      EXPECT_TRUE(ledger_.add(run, {}));
    }
  }
  std::string found(std::string_view wanted) {
    const auto line = ledger_.find(wanted);
    return line ? line->id : line.error().line();
  }
  Ledger ledger_ = Ledger::in_memory().value();
};

TEST_F(LedgerFind, by_id_last_unique_prefix_or_name_of_the_newest) {
  EXPECT_EQ(found("7f3a0001"), "7f3a0001");
  EXPECT_EQ(found("last"), "abcd0006") << "the newest, not the run that is called last";
  EXPECT_EQ(found("7f4"), "7f4b0003");
  EXPECT_EQ(found("digits"), "abc") << "the newest of that name";
  EXPECT_EQ(found("abc"), "abc") << "an exact id, though it is a prefix of another";
}

TEST_F(LedgerFind, an_id_goes_before_a_name) {
  EXPECT_EQ(found("7f4b"), "7f4b0003") << "a unique prefix, though another run is called so";
  EXPECT_EQ(found("7f3"), "7f4b0003") << "no unique prefix, but a name";
}

TEST_F(LedgerFind, an_ambiguous_prefix_names_the_candidates) {
  const auto line = ledger_.find("7f");
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind, ErrorKind::usage);
  EXPECT_THAT(line.error().message, HasSubstr("7f3a0001 7f3a0002 7f4b0003"));
}

TEST_F(LedgerFind, a_wildcard_of_sql_is_an_ordinary_letter) {
  EXPECT_EQ(found("_x%"), "_x%y0004");
  for (const char* nothing : {"%", "____", "7%", "\\", "'", "zzz"}) {
    const auto line = ledger_.find(nothing);
    ASSERT_FALSE(line) << nothing << " finds " << line->id;
    EXPECT_EQ(line.error().kind, ErrorKind::usage);
    EXPECT_THAT(line.error().line(), HasSubstr("lowtide runs"));
  }
}

unsigned mode_of(const std::string& path) {
  return static_cast<unsigned>(std::filesystem::status(path).permissions());
}

TEST(Ledger, a_new_one_is_its_owners_only_unless_the_folder_is_shared_on_purpose) {
  const std::tuple<unsigned, mode_t, unsigned> cases[] = {
      {0755, 022, 0600}, {0755, 0, 0600},  {0700, 022, 0600}, {01777, 0, 0600},
      {0770, 0, 0660},   {02775, 2, 0660}, {0775, 022, 0640}, {0775, 077, 0600}};
  for (const auto& [folder_mode, mask, file_mode] : cases) {
    const TempFolder folder;
    std::filesystem::permissions(folder.root(), std::filesystem::perms(folder_mode));
    const mode_t before = umask(mask);
    auto ledger = Ledger::open(folder.path("ledger.db"));
    umask(before);
    ASSERT_TRUE(ledger) << ledger.error().line();
    ASSERT_TRUE(ledger->add(small_run("a"), {}));
    for (const char* name : {"ledger.db", "ledger.db-wal", "ledger.db-shm"}) {
      EXPECT_EQ(mode_of(folder.path(name)), file_mode) << name << std::oct << folder_mode << mask;
    }
  }
}

TEST(Ledger, the_mode_of_one_that_is_there_is_kept) {
  const TempFolder folder;
  const std::string path = folder.write("ledger.db", "");
  std::filesystem::permissions(path, std::filesystem::perms(0644));
  ASSERT_TRUE(Ledger::open(path).value().add(small_run("a"), {}));
  EXPECT_EQ(mode_of(path), 0644U);
}

TEST_F(LedgerFind, nothing_in_an_empty_ledger) {
  Ledger empty = Ledger::in_memory().value();
  EXPECT_FALSE(empty.find("last"));
  EXPECT_FALSE(empty.find(""));
}

TEST(LedgerList, is_in_order_of_submission_and_filters_add_up) {
  auto ledger = Ledger::in_memory().value();
  const auto add = [&](const char* id, double at, const char* project,
                       std::map<std::string, std::string> tags) {
    RunRecord run = small_run(id, at);
    run.project = project;
    run.tags = std::move(tags);
    EXPECT_TRUE(ledger.add(run, {}));
  };
  add("c", 30, "p", {{"k", "v"}, {"other", "x"}});
  add("a", 10, "p", {});
  add("b", 20, "q'", {{"k", "v"}});
  add("d", 40, "p", {{"k", "w"}});
  EXPECT_THAT(ids(ledger.list({})), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(ids(ledger.list({"p", "", "", {}})), ElementsAre("a", "c", "d"));
  EXPECT_THAT(ids(ledger.list({"q'", "", "", {}})), ElementsAre("b"));
  EXPECT_THAT(ids(ledger.list({"", "k", "v", {}})), ElementsAre("b", "c"));
  EXPECT_THAT(ids(ledger.list({"p", "k", "v", {}})), ElementsAre("c"));
  EXPECT_THAT(ids(ledger.list({"", "", "", second(20)})), ElementsAre("b", "c", "d"));
  EXPECT_THAT(ids(ledger.list({"p", "k", "w", second(41)})), ElementsAre());
}

TEST(LedgerList, a_row_whose_tags_are_no_json_hides_no_other) {
  const TempFolder folder;
  const std::string path = folder.path("ledger.db");
  auto ledger = Ledger::open(path).value();
  for (const char* id : {"a", "b"}) {
    RunRecord run = small_run(id);
    run.tags = {{"k", "v"}};
    ASSERT_TRUE(ledger.add(run, {}));
  }
  database_with(folder, "UPDATE run SET tags='{broken' WHERE id='a'");
  EXPECT_THAT(ids(ledger.list({"", "k", "v", {}})), ElementsAre("b"));
}

TEST(LedgerList, a_tag_is_found_whatever_it_is_made_of) {
  auto ledger = Ledger::in_memory().value();
  const std::vector<std::pair<std::string, std::string>> tags{{"plain", "v"},
                                                              {"a.b", "1"},
                                                              {"a\"b", "x\"y"},
                                                              {"$", "[0]"},
                                                              {"a'b", "';--"},
                                                              {"spa ce", "a=b"},
                                                              {"\xc3\xa9", "\xe2\x82\xac"},
                                                              {"n", "1"},
                                                              {"empty", ""},
                                                              {"%", "_"}};
  for (std::size_t i = 0; i < tags.size(); ++i) {
    RunRecord run = small_run("run" + std::to_string(i));
    run.tags = {tags[i]};
    ASSERT_TRUE(ledger.add(run, {}));
  }
  for (std::size_t i = 0; i < tags.size(); ++i) {
    EXPECT_THAT(ids(ledger.list({"", tags[i].first, tags[i].second, {}})),
                ElementsAre("run" + std::to_string(i)));
  }
  EXPECT_THAT(ids(ledger.list({"", "plain", "other", {}})), ElementsAre());
}

}  // namespace
}  // namespace lowtide::record
