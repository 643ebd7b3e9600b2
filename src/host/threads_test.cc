#include "host/threads.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include "host/child_for_test.h"

namespace lowtide::host {
namespace {

TEST(Spread, each_piece_is_done_once_and_all_are_done_on_return) {
  for (const std::size_t pieces : {0U, 1U, 2U, 1000U}) {
    std::vector<std::atomic<int>> done(pieces);
    spread_over(4, pieces, [&](std::size_t piece) { ++done[piece]; });
    for (const auto& times : done) EXPECT_EQ(times, 1);
  }
}

TEST(Spread, pieces_run_side_by_side_and_the_caller_works_too) {
  std::latch all(3);
  std::atomic<int> on_caller = 0;
  const auto caller = std::this_thread::get_id();
  spread_over(3, 3, [&](std::size_t) {
    if (std::this_thread::get_id() == caller) ++on_caller;
    all.arrive_and_wait();  // hangs unless three threads are inside
  });
  EXPECT_EQ(on_caller, 1);
}

TEST(Spread, an_exception_reaches_the_caller_and_ends_the_rest) {
  std::atomic<int> done = 0;
  const auto third_fails = [&](std::size_t piece) {
    if (piece == 3) throw std::runtime_error("third");
    ++done;
  };
  EXPECT_THROW(spread_over(1, 100, third_fails), std::runtime_error);
  EXPECT_EQ(done, 3);
  EXPECT_THROW(spread_over(4, 100, third_fails), std::runtime_error);
}

TEST(Spread, without_threads_the_caller_does_all) {
  Child child([] {
    // No further thread; the limit does not bind root.
    const rlimit none{1, 1};
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) return 2;
    if (setrlimit(RLIMIT_NPROC, &none) != 0) return 2;
    std::atomic<int> done = 0;
    spread_over(8, 100, [&](std::size_t) { ++done; });
    return done == 100 ? 0 : 1;
  });
  EXPECT_EQ(child.exit_status(), 0);
}

TEST(Spread, its_threads_take_no_signals) {
  const auto caller = std::this_thread::get_id();
  std::latch both(2);
  std::atomic<bool> open = false;
  spread_over(2, 2, [&](std::size_t) {
    both.arrive_and_wait();
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, nullptr, &mask);
    if (std::this_thread::get_id() != caller && sigismember(&mask, SIGTERM) == 0) open = true;
  });
  EXPECT_FALSE(open);
  sigset_t mine;
  pthread_sigmask(SIG_BLOCK, nullptr, &mine);
  EXPECT_EQ(sigismember(&mine, SIGTERM), 0) << "the caller's mask is as it was";
}

TEST(UsableCores, follow_the_affinity_mask) {
  Child child([] {
    cpu_set_t now;
    if (sched_getaffinity(0, sizeof now, &now) != 0) return 2;
    int first = 0;
    while (!CPU_ISSET(first, &now)) ++first;
    CPU_ZERO(&now);
    CPU_SET(first, &now);
    if (sched_setaffinity(0, sizeof now, &now) != 0) return 2;
    return usable_cores() == 1 ? 0 : 1;
  });
  EXPECT_EQ(child.exit_status(), 0);
}

}  // namespace
}  // namespace lowtide::host
