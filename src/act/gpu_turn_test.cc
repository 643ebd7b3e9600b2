#include "act/gpu_turn.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace lowtide::act {
namespace {

class GpuTurnTest : public testing::Test {
 protected:
  GpuTurnTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lowtide-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~GpuTurnTest() override { std::filesystem::remove_all(folder_); }

  // Does the second run have to wait for the first?
  bool meets(const std::optional<std::string>& first, const std::optional<std::string>& second) {
    GpuTurn one(folder_, first);
    GpuTurn two(folder_, second);
    EXPECT_TRUE(one.hold());
    const bool taken = two.taken_by_other();
    EXPECT_EQ(two.hold(), !taken);
    return taken;
  }

  std::string folder_;
};

TEST_F(GpuTurnTest, one_gpu_is_for_one_run) {
  EXPECT_TRUE(meets("0", "0"));
  EXPECT_TRUE(meets("0,1", "1,2"));
  EXPECT_FALSE(meets("0", "1"));
  EXPECT_TRUE(meets("GPU-5f", "GPU-5f"));
}

TEST_F(GpuTurnTest, its_own_is_not_taken_and_what_is_let_go_is_free) {
  GpuTurn one(folder_, "0");
  GpuTurn both(folder_, "1,0");
  EXPECT_TRUE(one.hold());
  EXPECT_FALSE(one.taken_by_other());
  EXPECT_FALSE(both.hold()) << "not all of them";
  both.let_go();
  one.let_go();
  EXPECT_FALSE(both.taken_by_other());
}

TEST_F(GpuTurnTest, who_names_none_wants_all) {
  for (const std::optional<std::string>& all : {std::optional<std::string>(), {"all"}}) {
    EXPECT_TRUE(meets(all, all));
    EXPECT_TRUE(meets(all, "0"));
    EXPECT_TRUE(meets("0", all));
  }
}

TEST_F(GpuTurnTest, however_it_is_written) {
  EXPECT_TRUE(meets("0, 1", "1"));
  EXPECT_TRUE(meets("0", "00"));
  EXPECT_TRUE(meets(" 1 ", "01"));
  EXPECT_FALSE(meets("0", "10"));
}

TEST_F(GpuTurnTest, a_run_without_a_gpu_waits_for_nobody_and_nobody_for_it) {
  for (const char* none : {"none", "", "-1", "NoDevFiles"}) {
    EXPECT_FALSE(meets(none, none)) << none;
    EXPECT_FALSE(meets(none, std::nullopt)) << none;
    EXPECT_FALSE(meets(std::nullopt, none)) << none;
  }
}

TEST_F(GpuTurnTest, what_lies_behind_a_minus_one_is_hidden_as_cuda_has_it) {
  EXPECT_FALSE(meets("0,-1,1", "1"));
  EXPECT_TRUE(meets("0,-1,1", "0"));
}

}  // namespace
}  // namespace lowtide::act
