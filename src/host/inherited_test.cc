#include "host/inherited.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "host/child_for_test.h"

namespace lowtide::host {
namespace {

TEST(Inherited, dispositions_and_mask_are_given_back_as_they_were) {
  Child child([] {
    signal(SIGUSR1, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigprocmask(SIG_SETMASK, &mask, nullptr);
    const Inherited inherited = Inherited::take();
    if (!inherited.ignored(SIGUSR1) || inherited.ignored(SIGTERM)) return 1;

    signal(SIGUSR1, SIG_DFL);
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    inherited.restore_signals();

    struct sigaction now{};
    sigaction(SIGUSR1, nullptr, &now);
    if (now.sa_handler != SIG_IGN) return 2;
    for (const int number : {SIGTERM, SIGINT}) {
      sigaction(number, nullptr, &now);
      if (now.sa_handler != SIG_DFL) return 3;
    }
    sigset_t after;
    sigprocmask(SIG_SETMASK, nullptr, &after);
    if (sigismember(&after, SIGUSR2) != 1) return 4;
    for (const int number : {SIGINT, SIGTERM, SIGCHLD, SIGUSR1}) {
      if (sigismember(&after, number) != 0) return 5;
    }
    return 0;
  });
  EXPECT_EQ(child.exit_status(), 0);
}

TEST(Inherited, released_descriptors_let_a_pipes_reader_see_the_end) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Child child([&] {
    const int as_out = dup2(ends[1], STDOUT_FILENO);
    const Inherited inherited = Inherited::take();
    const int ours = open("/dev/null", O_RDONLY | O_CLOEXEC);
    inherited.release_descriptors();
    if (as_out < 0 || fcntl(ends[1], F_GETFD) != -1) return 1;
    if (write(STDOUT_FILENO, "x", 1) != 1) return 2;    // to /dev/null
    if (fcntl(STDERR_FILENO, F_GETFD) == -1) return 3;  // stays, for the summary
    if (fcntl(ours, F_GETFD) == -1) return 4;           // opened later: lowtide's own
    usleep(20'000'000);
    return 0;
  });
  close(ends[1]);
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 0) << "end of file, though the child still lives";
  EXPECT_EQ(kill(child.pid(), 0), 0);
  close(ends[0]);
}

}  // namespace
}  // namespace lowtide::host
