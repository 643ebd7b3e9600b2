// What a note tells to who only reads it: when the job was frozen and thawed, and whose stop it is.
#include "host/freeze_note.h"

#include <gtest/gtest.h>

#include "host/job_for_test.h"

namespace lowtide::host {
namespace {

class FreezeNoteTest : public testing::Test {
 protected:
  FreezeNoteTest() { begin(""); }
  void begin(const std::string& cgroup) {
    EXPECT_TRUE(begin_freeze_note(path_, cgroup));
    file_ = std::move(*open_freeze_note(path_));
  }
  FreezeNote note() { return read_freeze_note(path_).value(); }

  TempFolder folder_;
  std::string path_ = folder_.path("note");
  UniqueFd file_;
};

TEST_F(FreezeNoteTest, each_freeze_and_thaw_is_a_change_in_its_order) {
  EXPECT_TRUE(note().changes.empty());
  ASSERT_TRUE(note_freezing(file_.get()));
  ASSERT_EQ(note().changes.size(), 1U);
  EXPECT_TRUE(note().changes[0].frozen);
  EXPECT_EQ(note().changes[0].at, *note().since);
  thaw_noted(file_.get(), ThawCause::time_reached);
  ASSERT_TRUE(note_freezing(file_.get()));
  const auto changes = note().changes;
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_FALSE(changes[1].frozen);
  EXPECT_EQ(changes[1].cause, ThawCause::time_reached);
  EXPECT_TRUE(changes[2].frozen);
  EXPECT_LT(changes[0].at, changes[1].at);
  EXPECT_LT(changes[1].at, changes[2].at);
}

TEST_F(FreezeNoteTest, a_stop_is_the_freezers_while_the_process_is_noted_and_not_thawed) {
  const Child child([] {
    for (int i = 0; i < 2000; ++i) usleep(10'000);
    return 0;
  });
  EXPECT_FALSE(stopped_by_freezer(path_, child.pid()));
  ASSERT_TRUE(note_freezing(file_.get()));
  EXPECT_FALSE(stopped_by_freezer(path_, child.pid())) << "not this one yet: somebody else's stop";
  ASSERT_TRUE(note_stopped(file_.get(), key_of(child.pid())));
  EXPECT_TRUE(stopped_by_freezer(path_, child.pid()));
  EXPECT_FALSE(stopped_by_freezer(path_, getpid()));
  EXPECT_FALSE(stopped_by_freezer("", child.pid()));
  EXPECT_FALSE(stopped_by_freezer(folder_.path("none"), child.pid()));
  thaw_noted(file_.get(), ThawCause::asked);
  EXPECT_FALSE(stopped_by_freezer(path_, child.pid()));
}

TEST_F(FreezeNoteTest, a_reused_pid_was_not_stopped_by_us) {
  ASSERT_TRUE(note_freezing(file_.get()));
  ProcessKey other = key_of(getpid());
  --other.start_ticks;
  ASSERT_TRUE(note_stopped(file_.get(), other));
  EXPECT_FALSE(stopped_by_freezer(path_, getpid()));
}

TEST_F(FreezeNoteTest, in_a_frozen_group_a_stop_is_somebody_elses) {
  begin(folder_.path("group"));
  ASSERT_TRUE(note_freezing(file_.get()));
  ASSERT_TRUE(note_stopped(file_.get(), key_of(getpid())));
  EXPECT_FALSE(stopped_by_freezer(path_, getpid()));
}

}  // namespace
}  // namespace lowtide::host
