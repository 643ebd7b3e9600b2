#include "record/job_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "host/cgroup.h"
#include "host/child_for_test.h"
#include "host/proc.h"
#include "record/end_watch.h"
#include "record/meter_for_test.h"

namespace lowtide::record {
namespace {

using host::Board;
using host::Child;
using host::TempFolder;
using std::chrono::milliseconds;

int burn(int ms) {
  timespec used{};
  do {
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  } while (used.tv_sec * 1000 + used.tv_nsec / 1'000'000 < ms);
  return 0;
}

int sleep_for_long() {
  for (int i = 0; i < 2000; ++i) usleep(10'000);
  return 0;
}

// A supervisor with a job below it that has a busy child; tells of its progress in `folder`.
int supervise_busy_job(const TempFolder& folder) {
  Child job([&] {
    Child worker([&] {
      burn(80);
      folder.write("burnt", "");
      return sleep_for_long();
    });
    return sleep_for_long();
  });
  return sleep_for_long();
}

void kill_below(pid_t pid) {
  for (const pid_t child : host::children_of(pid)) {
    kill_below(child);
    kill(child, SIGKILL);
  }
}

TEST(JobUse, counts_all_below_the_supervisor_and_never_goes_back) {
  const TempFolder folder;
  Child supervisor([&] { return supervise_busy_job(folder); });
  Board& board = Board::map();
  board.supervisor_pid = supervisor.pid();
  JobUse use(board, host::MachineFiles(folder.root()));
  ASSERT_TRUE(host::eventually([&] { return folder.has("burnt"); }));
  const Duration busy = use.now()->job;
  EXPECT_GE(busy, milliseconds(70)) << "80 ms, less a tick";
  EXPECT_THAT(use.roots(), testing::ElementsAre(supervisor.pid()));
  kill_below(supervisor.pid());
  ASSERT_TRUE(host::eventually(
      [&] { return host::tree_cpu(supervisor.pid(), std::vector{supervisor.pid()}) < busy; }));
  EXPECT_GE(use.now()->job, busy);
}

TEST(JobUse, adds_what_lowtide_itself_has_reaped) {
  const TempFolder folder;
  Child supervisor(sleep_for_long);
  Board& board = Board::map();
  board.supervisor_pid = supervisor.pid();
  JobUse use(board, host::MachineFiles(folder.root()));
  EXPECT_LT(use.now()->job, seconds(1));
  board.reaped_cpu_ns = 5'000'000'000;
  EXPECT_GE(use.now()->job, seconds(5));
}

TEST(JobUse, goes_on_from_what_an_earlier_meter_had_counted) {
  Board& board = Board::map();
  JobUse use(board, host::MachineFiles());
  use.continue_from(seconds(100));
  EXPECT_GE(use.now()->job, seconds(100));
}

TEST(JobUse, walks_through_the_tree_only_as_often_as_is_cheap) {
  const TempFolder folder;
  Child supervisor(sleep_for_long);
  Board& board = Board::map();
  board.supervisor_pid = supervisor.pid();
  JobUse use(board, host::MachineFiles(folder.root()));
  EXPECT_TRUE(use.now(JobUse::When::when_cheap)) << "the first look";
  EXPECT_FALSE(use.now(JobUse::When::when_cheap)) << "200 times the walk's length later at best";
  EXPECT_TRUE(use.now()) << "at the end there is no later";
  EXPECT_TRUE(host::eventually([&] { return use.now(JobUse::When::when_cheap).has_value(); }));
}

TEST(JobUse, of_a_job_with_a_group_of_its_own_is_the_groups) {
  const auto group = host::make_job_cgroup("use-test");
  ASSERT_TRUE(group) << "the tests run as root: " << group.error().line();
  const TempFolder folder;
  Board& board = Board::map();
  board.supervisor_pid = getpid();
  JobUse use(board, host::MachineFiles(folder.root()));
  use.by_cgroup(*group);
  board.reaped_cpu_ns = 5'000'000'000;  // lowtide's own business then, and in the group already
  EXPECT_LT(use.now()->job, milliseconds(50));
  Child job([&] {
    std::ofstream(*group + "/cgroup.procs") << getpid();
    return burn(80);
  });
  EXPECT_EQ(job.exit_status(), 0);
  EXPECT_TRUE(use.now(JobUse::When::when_cheap)) << "one file: always cheap";
  EXPECT_GE(use.now()->job, milliseconds(70));
  EXPECT_LT(use.now()->job, milliseconds(500));
  const Duration before = use.now()->job;
  use.remove_cgroup();
  EXPECT_FALSE(std::filesystem::exists(*group));
  EXPECT_GE(use.now()->job, before) << "a group that is gone takes nothing back";
}

TEST(JobUse, the_machines_time_is_that_of_proc_stat_or_absent) {
  const TempFolder folder;
  Board& board = Board::map();
  JobUse use(board, host::MachineFiles(folder.root()));
  EXPECT_EQ(use.now()->machine, std::nullopt);
  folder.write("proc/stat", "cpu  1000 0 500 99999 0 0 0 0 0 0\n");
  const auto before = use.now()->machine;
  folder.write("proc/stat", "cpu  1200 0 500 99999 0 0 0 0 0 0\n");
  const auto after = use.now()->machine;
  ASSERT_TRUE(before && after);
  EXPECT_EQ(*after - *before, std::chrono::seconds(2)) << "200 ticks of 10 ms";
}

TEST(EndWatch, stamps_the_end_when_it_happens_and_wakes_the_collector) {
  const host::SystemClock clock;
  Child child(sleep_for_long);
  const EndWatch watch(child.pid(), wake_fd());
  EXPECT_EQ(watch.ended(), std::nullopt);
  std::uint64_t count = 0;
  while (read(wake_fd(), &count, sizeof count) > 0) {
  }
  const BootTime before = clock.boot();
  child.send(SIGKILL);
  ASSERT_TRUE(host::eventually([&] { return watch.ended().has_value(); }));
  EXPECT_GE(*watch.ended(), before);
  EXPECT_LE(*watch.ended(), clock.boot());
  EXPECT_TRUE(host::eventually([&] { return read(wake_fd(), &count, sizeof count) > 0; }));
}

TEST(EndWatch, works_for_a_process_that_is_not_our_child) {
  const TempFolder folder;
  Child parent([] {
    Child grandchild(sleep_for_long);
    return sleep_for_long();
  });
  std::vector<pid_t> below;
  ASSERT_TRUE(host::eventually([&] {
    below = host::children_of(parent.pid());
    return !below.empty();
  }));
  const EndWatch watch(below.front(), wake_fd());
  EXPECT_EQ(watch.ended(), std::nullopt);
  kill(below.front(), SIGKILL);
  EXPECT_TRUE(host::eventually([&] { return watch.ended().has_value(); }));
}

TEST(EndWatch, one_that_is_gone_already_has_ended) {
  pid_t gone = 0;
  {
    Child child([] { return 0; });
    gone = child.pid();
    EXPECT_EQ(child.exit_status(), 0);
  }
  const EndWatch watch(gone, wake_fd());
  EXPECT_TRUE(host::eventually([&] { return watch.ended().has_value(); }));
}

}  // namespace
}  // namespace lowtide::record
