#include "host/guard.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "host/child_for_test.h"

namespace lowtide::host {
namespace {

// A guard in a child of the test; its children write their pids into a file, one a line.
class GuardTest : public testing::Test {
 protected:
  [[nodiscard]] std::vector<pid_t> started() const {
    std::ifstream file(folder_.path("pids"));
    std::vector<pid_t> pids;
    for (pid_t pid = 0; file >> pid;) pids.push_back(pid);
    return pids;
  }
  int guarded(int (*after)()) {
    return guard([this, after](const GuardSeat& seat) {
      std::ofstream(folder_.path("pids"), std::ios::app) << getpid() << '\n';
      if (seat.restarted) std::ofstream(folder_.path("restarted")) << seat.guard;
      return after();
    });
  }
  TempFolder folder_;
};

int sleeps_until_term() {
  signal(SIGTERM, [](int) { _exit(7); });
  while (true) pause();
}

TEST_F(GuardTest, the_status_is_the_childs) {
  Child guard([&] { return guarded([] { return 5; }); });
  EXPECT_EQ(guard.exit_status(), 5);
}

TEST_F(GuardTest, a_killed_child_is_started_again_and_told) {
  Child guard([&] { return guarded(sleeps_until_term); });
  ASSERT_TRUE(eventually([&] { return started().size() == 1; }));
  usleep(2'100'000);  // not at its start
  kill(started()[0], SIGKILL);
  ASSERT_TRUE(eventually([&] { return started().size() == 2; }));
  ASSERT_TRUE(eventually([&] { return folder_.has("restarted"); }));
  usleep(100'000);
  kill(guard.pid(), SIGINT);
  EXPECT_EQ(guard.exit_status(), 7) << "INT ends the child gently";
}

TEST_F(GuardTest, a_hangup_ends_nobody) {
  Child guard([&] { return guarded(sleeps_until_term); });
  ASSERT_TRUE(eventually([&] { return started().size() == 1; }));
  usleep(100'000);
  kill(guard.pid(), SIGHUP);
  usleep(200'000);
  EXPECT_EQ(kill(started()[0], 0), 0);
  kill(guard.pid(), SIGTERM);
  EXPECT_EQ(guard.exit_status(), 7);
}

TEST_F(GuardTest, a_child_that_keeps_dying_at_once_is_given_up) {
  Child guard([&] {
    return guarded([]() -> int {
      raise(SIGKILL);
      return 0;
    });
  });
  EXPECT_EQ(guard.exit_status(), 70);
  EXPECT_EQ(started().size(), 4U);
}

}  // namespace
}  // namespace lowtide::host
