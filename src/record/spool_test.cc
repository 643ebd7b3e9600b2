#include "record/spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "host/child_for_test.h"
#include "record/run_for_test.h"

namespace lowtide::record {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;

class SpoolTest : public testing::Test {
 protected:
  SpoolTest() : path_(folder_.path("ledger.db")), ledger_(Ledger::open(path_).value()) {}

  // One run in a file of the spool.
  std::string spooled(const RunRecord& run) {
    const std::string file = ledger_for_run(path_, run.id, true);
    auto ledger = Ledger::open(file).value();
    EXPECT_TRUE(ledger.add(run, {}));
    return file;
  }
  RunRecord read_back(const std::string& id) {
    return ledger_.load(ledger_.find(id)->key, true).value();
  }

  host::TempFolder folder_;
  std::string path_;
  Ledger ledger_;
};

TEST_F(SpoolTest, a_run_goes_to_the_ledger_on_a_local_disk_and_to_its_own_file_when_told) {
  EXPECT_EQ(ledger_for_run(path_, "a1", false), path_);
  EXPECT_EQ(ledger_for_run(path_, "a1", true), folder_.path("spool/a1.db"));
  EXPECT_EQ(ledger_for_run("", "a1", true), "");
}

TEST_F(SpoolTest, a_run_that_has_ended_is_merged_with_all_that_hangs_on_it_and_its_file_goes) {
  RunRecord run = full_run();
  run.id = "ended";
  run.state = RunState::finished;
  EXPECT_TRUE(ledger_.add(small_run("other"), {}));
  const std::string file = spooled(run);
  EXPECT_THAT(spooled_files(path_), ElementsAre(EndsWith("ended.db")));
  ASSERT_TRUE(merge(ledger_, file));
  EXPECT_THAT(spooled_files(path_), IsEmpty());
  const RunRecord back = read_back("ended");
  EXPECT_EQ(back.samples.size(), run.samples.size());
  EXPECT_EQ(back.slots.size(), run.slots.size());
  EXPECT_EQ(back.use.size(), run.use.size());
  EXPECT_EQ(back.events.size(), run.events.size());
  EXPECT_EQ(back.channels.size(), run.channels.size());
  ASSERT_EQ(back.intensity.size(), run.intensity.size());
  EXPECT_EQ(back.intensity[0].series.pieces().size(), run.intensity[0].series.pieces().size());
  EXPECT_EQ(back.command, run.command);
  EXPECT_EQ(read_back("other").id, "other");
}

TEST_F(SpoolTest, a_run_that_goes_on_is_shown_as_far_as_it_is_and_keeps_its_file) {
  RunRecord run = small_run("goes");
  run.samples = {sample(0, 1, 5)};
  const std::string file = spooled(run);
  ASSERT_TRUE(merge(ledger_, file));
  EXPECT_EQ(read_back("goes").samples.size(), 1U);
  EXPECT_FALSE(ledger_.keeper(ledger_.find("goes")->key)) << "it is kept where it is written";
  {
    auto writer = Ledger::open(file).value();
    Increment more;
    more.samples = {sample(1, 2, 7)};
    const auto key = writer.find("goes")->key;
    ASSERT_TRUE(writer.append(key, more, {}));
  }
  ASSERT_TRUE(merge(ledger_, file));
  EXPECT_EQ(read_back("goes").samples.size(), 2U);
  EXPECT_EQ(ledger_.list({})->size(), 1U) << "replaced, not doubled";
  EXPECT_THAT(spooled_files(path_), ElementsAre(file));
}

TEST_F(SpoolTest,
       side_files_elsewhere_bear_the_mark_of_their_ledger_and_are_read_from_own_folders) {
  namespace fs = std::filesystem;
  const std::string elsewhere = folder_.path("elsewhere");
  const auto mine = side_files(path_, "a1", {elsewhere});
  const auto others = side_files(folder_.path("other.db"), "b1", {elsewhere});
  ASSERT_THAT(mine, ElementsAre(folder_.path("spool/a1.db"), EndsWith("-a1.db")));
  EXPECT_THAT(existing(mine), IsEmpty());
  for (const std::string& file : {mine[1], others[1]}) {
    ASSERT_TRUE(make_room_for_side(file));
    EXPECT_TRUE(Ledger::open(file).value().add(small_run(file.substr(file.size() - 5, 2)), {}));
  }
  EXPECT_THAT(existing(mine), ElementsAre(mine[1]));
  EXPECT_THAT(spooled_files(path_, {elsewhere}), ElementsAre(mine[1]));
  EXPECT_THAT(spooled_files(path_), IsEmpty());
  fs::permissions(elsewhere, fs::perms::all);
  EXPECT_THAT(spooled_files(path_, {elsewhere}), IsEmpty()) << "anybody may have put it there";
}

TEST_F(SpoolTest, a_folder_takes_a_hundred_side_files_and_no_more) {
  for (int i = 0; i < 100; ++i) {
    const std::string file = side_files(path_, std::to_string(i), {})[0];
    ASSERT_TRUE(make_room_for_side(file)) << i;
    std::ofstream(file) << "a run";
  }
  EXPECT_FALSE(make_room_for_side(side_files(path_, "more", {})[0]));
  EXPECT_TRUE(make_room_for_side(side_files(path_, "7", {})[0])) << "in its own place";
}

TEST_F(SpoolTest, the_file_of_a_run_that_is_just_begun_is_left_alone) {
  const std::string file = ledger_for_run(path_, "new", true);
  {
    EXPECT_TRUE(Ledger::open(file));
  }
  ASSERT_TRUE(merge(ledger_, file));
  EXPECT_THAT(spooled_files(path_), ElementsAre(file));
}

TEST_F(SpoolTest, a_file_that_is_no_ledger_is_an_error_and_stays) {
  folder_.write("ledger-of-mine", "");
  std::filesystem::create_directories(folder_.path("spool"));
  folder_.write("spool/junk.db", "this is not a database, but it is long enough to look at");
  const auto merged = merge(ledger_, folder_.path("spool/junk.db"));
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().kind, ErrorKind::malformed);
  EXPECT_EQ(spooled_files(path_).size(), 1U);
}

}  // namespace
}  // namespace lowtide::record
