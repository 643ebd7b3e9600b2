#include "host/proc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <ctime>
#include <thread>

#include "host/child_for_test.h"

namespace lowtide::host {
namespace {

using std::chrono::milliseconds;

int sleep_for_long() {
  for (int i = 0; i < 2000; ++i) usleep(10'000);
  return 0;
}

// Uses at least this much CPU time itself.
void burn(Duration length) {
  timespec used{};
  do {
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  } while (std::chrono::seconds(used.tv_sec) + Duration(used.tv_nsec) < length);
}

std::int64_t start_of(pid_t pid) { return process_stat(pid).value_or(ProcessStat{}).start_ticks; }

TEST(Proc, stat_tells_parent_and_state_whatever_the_process_is_called) {
  for (const char* name : {"plain", "a) R 1 (b", ") Z 1 1", "((((", " ) ) ", "))))))"}) {
    Child child([name] {
      prctl(PR_SET_NAME, name);
      return sleep_for_long();
    });
    std::optional<ProcessStat> stat;
    ASSERT_TRUE(eventually([&] {
      stat = process_stat(child.pid());
      return stat && stat->state == 'S';
    })) << name;
    EXPECT_EQ(stat->parent, getpid()) << name;
    EXPECT_GT(stat->start_ticks, 0) << name;
  }
}

TEST(Proc, a_process_that_is_not_there_is_absent) {
  for (const pid_t pid : {0, -1, 2'000'000'000}) EXPECT_FALSE(process_stat(pid)) << pid;
}

TEST(Proc, alive_is_the_same_process_and_no_zombie) {
  const std::int64_t start = start_of(getpid());
  EXPECT_TRUE(is_alive(getpid(), start));
  EXPECT_FALSE(is_alive(getpid(), start - 1)) << "a reused pid";
  Child child([] { return 0; });
  const std::int64_t child_start = start_of(child.pid());
  ASSERT_TRUE(eventually([&] {
    const auto stat = process_stat(child.pid());
    return stat && stat->state == 'Z';
  }));
  EXPECT_FALSE(is_alive(child.pid(), child_start)) << "a zombie";
  EXPECT_EQ(child.exit_status(), 0);
}

TEST(Proc, a_process_lives_on_when_its_first_thread_has_ended) {
  Child child([] {
    std::thread([] { sleep_for_long(); }).detach();
    return static_cast<int>(syscall(SYS_exit, 0));  // this thread alone
  });
  const std::int64_t start = start_of(child.pid());
  ASSERT_TRUE(eventually([&] {
    const auto stat = process_stat(child.pid());
    return stat && stat->state == 'Z' && stat->threads == 2;
  }));
  EXPECT_TRUE(is_alive(child.pid(), start));
}

TEST(Proc, families_are_the_same_by_lists_and_by_a_scan) {
  Child first(sleep_for_long);
  Child second(sleep_for_long);
  for (const bool listed : {true, false}) {
    const Families families(listed);
    EXPECT_THAT(families.children_of(getpid(), 0),
                testing::IsSupersetOf({first.pid(), second.pid()}));
    EXPECT_TRUE(families.children_of(first.pid(), 1).empty());
  }
}

TEST(Proc, children_are_those_of_this_process_alone) {
  Child first(sleep_for_long);
  Child second(sleep_for_long);
  EXPECT_THAT(children_of(getpid()), testing::IsSupersetOf({first.pid(), second.pid()}));
  EXPECT_TRUE(children_of(first.pid()).empty());
  EXPECT_TRUE(children_of(2'000'000'000).empty());
}

TEST(Proc, descent_is_followed_through_the_line_of_parents) {
  Child child([] {
    Child grandchild([] {
      usleep(1000);
      return sleep_for_long();
    });
    return sleep_for_long();
  });
  std::vector<pid_t> below;
  ASSERT_TRUE(eventually([&] { return !(below = children_of(child.pid())).empty(); }));
  const std::array roots{child.pid()};
  EXPECT_TRUE(descends_from(below.front(), roots));
  EXPECT_TRUE(descends_from(child.pid(), roots));
  EXPECT_FALSE(descends_from(getpid(), roots));
  EXPECT_FALSE(descends_from(2'000'000'000, roots));
  kill(below.front(), SIGKILL);
}

TEST(Proc, tree_cpu_sees_a_busy_grandchild_and_what_was_reaped) {
  const TempFolder folder;
  Child child([&] {
    Child reaped([] {
      burn(milliseconds(60));
      return 0;
    });
    if (reaped.exit_status() != 0) return 1;
    Child lives([&] {
      burn(milliseconds(60));
      folder.write("burnt", "");
      return sleep_for_long();
    });
    return sleep_for_long();
  });
  ASSERT_TRUE(eventually([&] { return folder.has("burnt"); }));
  for (auto* count : {&tree_cpu, &tree_cpu_by_scan}) {
    const Duration cpu = count(child.pid(), {});
    EXPECT_GE(cpu, milliseconds(100)) << "60 ms of each, less a tick";
    const std::array itself{child.pid()};
    const Duration below = count(child.pid(), itself);
    EXPECT_GE(below, milliseconds(50)) << "the excluded one's children count";
    EXPECT_LE(below, cpu - milliseconds(50)) << "what it reaped is its own";
  }
  for (const pid_t pid : children_of(child.pid())) kill(pid, SIGKILL);
}

TEST(Proc, boot_and_host_have_names) {
  EXPECT_EQ(boot_id().size(), 36U);
  EXPECT_EQ(boot_id(), boot_id());
  EXPECT_FALSE(host_name().empty());
}

}  // namespace
}  // namespace lowtide::host
