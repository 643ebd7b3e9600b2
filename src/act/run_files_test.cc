// Who carries a run out, who asks it, whose turn it is on a GPU: on real files and processes.
#include "act/run_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/child_for_test.h"

namespace lowtide::act {
namespace {

class RunFilesTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(files_.make_folder()); }

  host::TempFolder folder_;
  RunFiles files_{folder_.root() + "/act", "abc"};
};

TEST_F(RunFilesTest, the_folder_is_its_owners_alone) {
  struct stat what{};
  ASSERT_EQ(stat(files_.folder.c_str(), &what), 0);
  EXPECT_EQ(what.st_mode & 0777U, 0700U);
}

TEST_F(RunFilesTest, one_controller_a_run_and_none_after_its_death) {
  EXPECT_EQ(RunLock::holder(files_), 0);
  host::Child holder([&] {
    const auto lock = RunLock::take(files_);
    if (!lock) return 1;
    folder_.write("held", "");
    while (true) pause();
  });
  ASSERT_TRUE(host::eventually([&] { return folder_.has("held"); }));
  EXPECT_EQ(RunLock::holder(files_), holder.pid());
  const auto second = RunLock::take(files_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::temporary);
  EXPECT_NE(second.error().message.find(std::to_string(holder.pid())), std::string::npos);
  kill(holder.pid(), SIGKILL);
  ASSERT_TRUE(host::eventually([&] { return RunLock::holder(files_) == 0; }));
  EXPECT_TRUE(RunLock::take(files_));
}

TEST_F(RunFilesTest, words_reach_the_controller_whole_and_in_order) {
  EXPECT_FALSE(ask(files_, "cancel")) << "nobody listens";
  const auto lock = RunLock::take(files_);
  ASSERT_TRUE(lock);
  auto pipe = AskPipe::open(files_);
  ASSERT_TRUE(pipe);
  EXPECT_TRUE(pipe->take().empty());
  EXPECT_TRUE(ask(files_, "start-now"));
  EXPECT_TRUE(ask(files_, "cancel"));
  EXPECT_EQ(pipe->take(), (std::vector<std::string>{"start-now", "cancel"}));
}

TEST_F(RunFilesTest, what_is_no_fifo_is_not_read) {
  folder_.write("act/abc.ask", "cancel\n");
  const auto pipe = AskPipe::open(files_);
  ASSERT_FALSE(pipe);
  EXPECT_EQ(pipe.error().where, files_.path("ask"));
}

TEST_F(RunFilesTest, what_the_job_printed_stays) {
  folder_.write("act/abc.out", "epoch 1\n");
  folder_.write("act/abc.job", "secret");
  folder_.write("act/other.job", "another's");
  files_.remove();
  EXPECT_TRUE(folder_.has("act/abc.out"));
  EXPECT_FALSE(folder_.has("act/abc.job"));
  EXPECT_TRUE(folder_.has("act/other.job"));
}

}  // namespace
}  // namespace lowtide::act
