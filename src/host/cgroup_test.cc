// On the real hierarchies of the machine; as root, which may make groups.
#include "host/cgroup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>

#include "host/child_for_test.h"

namespace lowtide::host {
namespace {

using std::chrono::milliseconds;

void burn(Duration length) {
  timespec used{};
  do {
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  } while (std::chrono::seconds(used.tv_sec) + Duration(used.tv_nsec) < length);
}

bool enter(const std::string& group) {
  const int fd = open((group + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
  const bool done = fd >= 0 && write(fd, "0", 1) == 1;
  if (fd >= 0) close(fd);
  return done;
}

TEST(Cgroup, below_is_by_whole_names) {
  EXPECT_TRUE(is_below("/a/b", "/a"));
  EXPECT_TRUE(is_below("/a", "/a"));
  EXPECT_TRUE(is_below("/a/b", "/"));
  EXPECT_FALSE(is_below("/ab", "/a"));
  EXPECT_FALSE(is_below("/a", "/a/b"));
}

TEST(Cgroup, our_own_is_found_where_it_is_mounted) {
  const std::string folder = cgroup_folder_of(getpid());
  EXPECT_TRUE(std::filesystem::exists(folder + "/cgroup.procs")) << folder;
  EXPECT_TRUE(in_cgroup(getpid(), cgroup_of(getpid())));
  EXPECT_FALSE(in_cgroup(getpid(), cgroup_of(getpid()) + "/none-of-ours"));
  EXPECT_EQ(cgroup_of(2'000'000'000), "") << "no such process";
}

class CgroupOfJob : public testing::Test {
 protected:
  void SetUp() override {
    auto made = make_job_cgroup("cgroup-test");
    ASSERT_TRUE(made) << made.error().line();
    group_ = *made;
  }
  void TearDown() override { remove_job_cgroup(group_); }
  std::string group_;
};

TEST_F(CgroupOfJob, counts_what_its_processes_use_and_those_they_left_behind) {
  const TempFolder folder;
  {
    Child job([&] {
      if (!enter(group_)) return 1;
      Child orphan([] {
        burn(milliseconds(60));
        return 0;
      });
      burn(milliseconds(60));
      return orphan.exit_status();
    });
    EXPECT_EQ(job.exit_status(), 0);
  }
  const auto used = cgroup_cpu(group_);
  ASSERT_TRUE(used);
  EXPECT_GE(*used, milliseconds(120));
  EXPECT_LT(*used, milliseconds(400)) << "nobody else's";
}

TEST_F(CgroupOfJob, is_known_again_by_the_id_also_from_a_group_that_the_job_made_in_it) {
  const std::string inner = group_ + "/inner";
  ASSERT_TRUE(std::filesystem::create_directory(inner));
  for (const std::string& where : {group_, inner}) {
    const TempFolder folder;
    Child job([&] {
      if (!enter(where)) return 1;
      folder.write("entered", "");
      for (int i = 0; i < 2000; ++i) usleep(10'000);
      return 0;
    });
    ASSERT_TRUE(eventually([&] { return folder.has("entered"); }));
    EXPECT_EQ(find_job_cgroup(job.pid(), "cgroup-test"), group_);
    EXPECT_EQ(find_job_cgroup(job.pid(), "cgroup-tes"), "") << "another run's";
    EXPECT_EQ(find_job_cgroup(getpid(), "cgroup-test"), "");
    remove_job_cgroup(group_);
    EXPECT_TRUE(std::filesystem::exists(group_)) << "a process lives in it";
  }
  std::filesystem::remove(inner);
}

TEST_F(CgroupOfJob, goes_with_what_earlier_jobs_left_behind) {
  const auto starting = make_job_cgroup("cgroup-test-2");
  ASSERT_TRUE(starting);
  const TempFolder folder;
  Child killed([&] {
    folder.write("left", make_job_cgroup("cgroup-test-3").value_or(""));
    return 0;
  });
  ASSERT_EQ(killed.exit_status(), 0);
  const std::string left = folder.read("left");
  ASSERT_TRUE(std::filesystem::exists(left)) << left;
  remove_job_cgroup(group_);
  EXPECT_FALSE(std::filesystem::exists(group_));
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_TRUE(std::filesystem::exists(*starting)) << "its lowtide lives: the job comes";
  remove_job_cgroup(*starting);
  EXPECT_EQ(cgroup_cpu(group_), std::nullopt) << "no group is no zero";
}

TEST_F(CgroupOfJob, is_not_made_where_slurm_manages_the_groups) {
  setenv("SLURM_JOB_ID", "7", 1);  // NOLINT(concurrency-mt-unsafe)
  const auto none = make_job_cgroup("cgroup-test-4");
  unsetenv("SLURM_JOB_ID");  // NOLINT(concurrency-mt-unsafe)
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace lowtide::host
