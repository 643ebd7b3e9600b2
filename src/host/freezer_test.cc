// On real processes, and on a real group of version 2 where one may be made.
#include "host/freezer.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/syscall.h>

#include <algorithm>
#include <thread>

#include "host/clock.h"
#include "host/job_for_test.h"

namespace lowtide::host {
namespace {

using std::chrono::hours;

BootTime in_an_hour() { return SystemClock().boot() + hours(1); }

// Freezes with a waker of its own, which goes with it.
struct Freeze {
  explicit Freeze(const JobForTest& job) : freezer(job.tree(), job.note()) {
    const auto setup = freezer.prepare(in_an_hour());
    auto armed = setup ? arm(*setup) : tl::unexpected(setup.error());
    if (!armed) {
      result = tl::unexpected(armed.error());
      return;
    }
    waker = std::make_unique<Waker>(std::move(*armed));
    result = freezer.freeze(*waker);
  }
  void end() {
    EXPECT_TRUE(freezer.thaw());
    waker->let_go();
  }

  Freezer freezer;
  std::unique_ptr<Waker> waker;
  Result<Frozen> result = fail(ErrorKind::internal, "not tried");
};

std::vector<Duration> cpu_of_each(const std::vector<pid_t>& pids) {
  std::vector<Duration> all;
  all.reserve(pids.size());
  for (const pid_t pid : pids) all.push_back(cpu_of(pid));
  return all;
}

bool all_stopped(const std::vector<pid_t>& pids) {
  return std::all_of(pids.begin(), pids.end(), [](pid_t pid) { return state_of(pid) == 'T'; });
}

class FreezerBy : public testing::TestWithParam<FreezeWay> {};

TEST_P(FreezerBy, a_frozen_tree_uses_no_cpu_time_until_it_is_thawed) {
  const JobForTest job(busy_tree, GetParam());
  ASSERT_TRUE(eventually([&] { return job.board().count == 4; }));
  const std::vector<pid_t> pids = job.board().all();
  Freeze freeze(job);
  ASSERT_TRUE(freeze.result) << freeze.result.error().line();
  EXPECT_EQ(freeze.result->way, job.way());
  EXPECT_EQ(freeze.result->processes, 4);
  EXPECT_EQ(freeze.freezer.state(), FreezeState::frozen);
  const auto before = cpu_of_each(pids);
  usleep(2'000'000);
  EXPECT_EQ(cpu_of_each(pids), before);
  freeze.end();
  EXPECT_EQ(freeze.freezer.state(), FreezeState::thawed);
  for (std::size_t i = 0; i < pids.size(); ++i) {
    EXPECT_TRUE(eventually([&] { return cpu_of(pids[i]) > before[i]; })) << i;
  }
}

// Lines of descent in which each process starts the next and ends, and grown-up ones beside them.
int hop(JobBoard& board, int grown_up) {
  while (!board.end) {
    usleep(300);
    const pid_t next = fork();
    if (next > 0 && grown_up == 0) _exit(0);
    if (next > 0) return burn_until(board);
    if (next < 0) continue;
    board.enter();
    if (grown_up > 0) --grown_up;
  }
  return 0;
}

TEST_P(FreezerBy, a_tree_that_forks_all_the_while_is_frozen_whole) {
  const JobForTest job(
      [](JobBoard& board) {
        nice(10);
        start_children(board, 8, [&] { return hop(board, 1); });
        while (!board.end) usleep(1000);
        return 0;
      },
      GetParam());
  ASSERT_TRUE(eventually([&] { return job.board().count > 50; }));
  for (int round = 0; round < 4; ++round) {
    const int before = job.board().count;
    Freeze freeze(job);
    ASSERT_TRUE(freeze.result) << freeze.result.error().line();
    const int count = job.board().count;
    EXPECT_EQ(freeze.freezer.state(), FreezeState::frozen);
    usleep(200'000);
    EXPECT_EQ(job.board().count, count) << "one of them went on";
    EXPECT_GE(freeze.result->processes, 8);
    freeze.end();
    ASSERT_TRUE(eventually([&] { return job.board().count > before + 30; })) << "it forks on";
  }
}

TEST_P(FreezerBy, all_threads_stand_still_also_when_the_first_has_ended) {
  const JobForTest job(
      [](JobBoard& board) {
        for (auto& turns : board.turns) {
          std::thread([&] {
            while (!board.end) ++turns;
          }).detach();
        }
        return static_cast<int>(syscall(SYS_exit, 0));  // the first thread alone
      },
      GetParam());
  auto& turns = job.board().turns;
  const auto all_turn = [&] {
    return std::all_of(turns.begin(), turns.end(), [](const auto& one) { return one > 0; });
  };
  ASSERT_TRUE(eventually([&] { return all_turn() && state_of(job.root()) == 'Z'; }));
  Freeze freeze(job);
  ASSERT_TRUE(freeze.result) << freeze.result.error().line();
  const auto sum = [&] {
    long total = 0;
    for (const auto& one : turns) total += one;
    return total;
  };
  const long before = sum();
  usleep(100'000);
  EXPECT_EQ(sum(), before);
  freeze.end();
  EXPECT_TRUE(eventually([&] { return sum() > before; }));
}

TEST_P(FreezerBy, a_process_that_waits_for_its_vforked_child_is_frozen_too) {
  const JobForTest job(
      [](JobBoard& board) {
        if (syscall(SYS_clone, CLONE_VFORK | SIGCHLD, nullptr, nullptr, nullptr, 0) == 0) {
          board.enter();
          return burn_until(board);
        }
        return burn_until(board);
      },
      GetParam());
  ASSERT_TRUE(eventually([&] { return job.board().count == 2 && state_of(job.root()) == 'D'; }));
  Freeze freeze(job);
  ASSERT_TRUE(freeze.result) << freeze.result.error().line();
  EXPECT_EQ(freeze.freezer.state(), FreezeState::frozen);
  const auto before = cpu_of_each(job.board().all());
  usleep(100'000);
  EXPECT_EQ(cpu_of_each(job.board().all()), before);
  freeze.end();
  EXPECT_TRUE(eventually([&] { return state_of(job.board().pids[1]) == 'R'; }));
  kill(job.board().pids[1], SIGKILL);
  EXPECT_TRUE(eventually([&] { return state_of(job.root()) == 'R'; }));
}

TEST_P(FreezerBy, who_was_stopped_by_somebody_else_stays_stopped) {
  const JobForTest job(busy_tree, GetParam());
  ASSERT_TRUE(eventually([&] { return job.board().count == 4; }));
  const std::vector<pid_t> pids = job.board().all();
  kill(pids[2], SIGSTOP);
  ASSERT_TRUE(eventually([&] { return state_of(pids[2]) == 'T'; }));
  Freeze freeze(job);
  ASSERT_TRUE(freeze.result) << freeze.result.error().line();
  EXPECT_EQ(freeze.result->processes, 4);
  freeze.end();
  for (const pid_t pid : {pids[0], pids[1], pids[3]}) {
    EXPECT_TRUE(eventually([&] { return state_of(pid) == 'R'; })) << pid;
  }
  EXPECT_EQ(state_of(pids[2]), 'T');
}

TEST_P(FreezerBy, a_later_process_takes_a_frozen_job_up_by_its_note) {
  const JobForTest job(busy_tree, GetParam());
  ASSERT_TRUE(eventually([&] { return job.board().count == 4; }));
  Freeze freeze(job);
  ASSERT_TRUE(freeze.result) << freeze.result.error().line();
  Freezer later(job.tree(), job.note());
  EXPECT_EQ(later.state(), FreezeState::frozen);
  const auto setup = later.prepare(in_an_hour());
  ASSERT_TRUE(setup) << setup.error().line();
  EXPECT_EQ(later.state(), FreezeState::frozen) << "taken up, not begun anew";
  EXPECT_TRUE(later.thaw());
  EXPECT_EQ(freeze.freezer.state(), FreezeState::thawed);
  freeze.waker->let_go();
  const auto note = read_freeze_note(job.note());
  ASSERT_TRUE(note && note->thawed);
  EXPECT_EQ(note->thawed->cause, ThawCause::asked);
}

TEST_P(FreezerBy, what_has_ended_is_gone_and_is_not_frozen) {
  const JobForTest job(busy_tree, GetParam());
  const JobTree tree = job.tree();
  Freeze freeze(job);
  ASSERT_TRUE(freeze.result) << freeze.result.error().line();
  kill(job.root(), SIGKILL);
  EXPECT_TRUE(eventually([&] { return freeze.freezer.state() == FreezeState::gone; }));
  freeze.end();
  const auto none = Freezer(tree, job.folder().path("other")).prepare(in_an_hour());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::ended);
}

TEST_P(FreezerBy, nothing_is_frozen_with_a_waker_that_has_another_note) {
  const JobForTest job(busy_tree, GetParam());
  Freezer other(job.tree(), job.folder().path("other"));
  Freezer freezer(job.tree(), job.note());
  const auto setup = other.prepare(in_an_hour());
  ASSERT_TRUE(setup && freezer.prepare(in_an_hour()));
  auto waker = arm(*setup);
  ASSERT_TRUE(waker) << waker.error().line();
  EXPECT_EQ(freezer.freeze(*waker).error().kind, ErrorKind::ended);
  EXPECT_EQ(state_of(job.root()), 'R');
  waker->let_go();
}

TEST_P(FreezerBy, nothing_is_frozen_when_the_waker_is_dead) {
  const JobForTest job(busy_tree, GetParam());
  Freezer freezer(job.tree(), job.note());
  const auto setup = freezer.prepare(in_an_hour());
  ASSERT_TRUE(setup) << setup.error().line();
  const auto waker = arm(*setup);
  ASSERT_TRUE(waker) << waker.error().line();
  kill(waker->pid(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return !waker->alive(); }));
  const auto frozen = freezer.freeze(*waker);
  ASSERT_FALSE(frozen);
  EXPECT_EQ(frozen.error().kind, ErrorKind::ended);
  EXPECT_EQ(state_of(job.root()), 'R');
  EXPECT_EQ(freezer.state(), FreezeState::thawed);
}

INSTANTIATE_TEST_SUITE_P(Ways, FreezerBy, testing::Values(FreezeWay::cgroup, FreezeWay::signals),
                         [](const auto& way) {
                           return way.param == FreezeWay::cgroup ? "cgroup" : "signals";
                         });

TEST(FreezerBySignals, orphans_are_found_below_the_adopter_and_our_own_are_left_alone) {
  const JobForTest job([](JobBoard& board) {
    start_children(board, 1, [&] {
      if (fork() != 0) return 0;
      setsid();
      board.enter();
      return burn_until(board);
    });
    waitpid(-1, nullptr, 0);
    return burn_until(board);
  });
  ASSERT_TRUE(eventually([&] { return job.board().count == 3; }));
  const pid_t orphan = job.board().pids[2];
  ASSERT_TRUE(eventually(
      [&] { return process_stat(orphan).value_or(ProcessStat{}).parent == job.keeper(); }));
  {
    JobTree tree = job.tree();
    tree.own.push_back(orphan);  // as if it were of ours
    Freezer freezer(tree, job.note());
    const auto setup = freezer.prepare(in_an_hour());
    ASSERT_TRUE(setup);
    auto waker = arm(*setup);
    ASSERT_TRUE(waker && freezer.freeze(*waker));
    EXPECT_EQ(state_of(job.root()), 'T');
    EXPECT_EQ(state_of(orphan), 'R');
    EXPECT_TRUE(freezer.thaw());
    waker->let_go();
  }
  Freeze freeze(job);
  ASSERT_TRUE(freeze.result) << freeze.result.error().line();
  EXPECT_EQ(state_of(orphan), 'T');
  EXPECT_NE(state_of(job.keeper()), 'T') << "lowtide's own";
  EXPECT_NE(state_of(freeze.waker->pid()), 'T');
  freeze.end();
}

TEST(FreezerBySignals, a_child_that_is_being_born_is_frozen_too) {
  const JobForTest job([](JobBoard& board) {
    signal(SIGCHLD, SIG_IGN);
    constexpr std::size_t kMuch = 64 << 20;  // so that a fork takes its time
    void* memory = mmap(nullptr, kMuch, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(memory, kMuch, MADV_NOHUGEPAGE);
    std::fill_n(static_cast<char*>(memory), kMuch, 'x');
    while (!board.end) {
      if (fork() != 0) continue;
      for (int i = 0; i < 20; ++i) {
        ++board.turns[0];
        usleep(1000);
      }
      _exit(0);
    }
    return 0;
  });
  const auto& turns = job.board().turns[0];
  for (int round = 0; round < 20; ++round) {
    const long before = turns;
    ASSERT_TRUE(eventually([&] { return turns > before + 20; }));
    Freeze freeze(job);
    ASSERT_TRUE(freeze.result) << freeze.result.error().line();
    const long frozen = turns;
    usleep(20'000);
    EXPECT_EQ(turns, frozen);
    freeze.end();
  }
}

TEST(FreezerBySignals, a_parent_sees_none_of_its_children_stop) {
  const JobForTest job([](JobBoard& board) {
    start_children(board, 3, [&] { return burn_until(board); });
    nice(19);  // slow to stop
    for (int status = 0; !board.end;) {
      if (waitpid(-1, &status, WUNTRACED) > 0 && WIFSTOPPED(status)) ++board.stops_seen;
    }
    return 0;
  });
  ASSERT_TRUE(eventually([&] { return job.board().count == 4; }));
  for (int round = 0; round < 40; ++round) {
    Freeze freeze(job);
    ASSERT_TRUE(freeze.result) << freeze.result.error().line();
    EXPECT_TRUE(all_stopped(job.board().all()));
    freeze.end();
    usleep(2000);
  }
  EXPECT_EQ(job.board().stops_seen, 0);
}

TEST(FreezerBySignals, one_that_somebody_wakes_is_frozen_again_and_all_are_thawed) {
  const JobForTest job(busy_tree);
  ASSERT_TRUE(eventually([&] { return job.board().count == 4; }));
  const std::vector<pid_t> pids = job.board().all();
  Freeze freeze(job);
  ASSERT_TRUE(freeze.result) << freeze.result.error().line();
  kill(pids[1], SIGCONT);
  ASSERT_TRUE(eventually([&] { return state_of(pids[1]) == 'R'; }));
  EXPECT_EQ(freeze.freezer.state(), FreezeState::partly);
  const auto again = freeze.freezer.freeze(*freeze.waker);
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_TRUE(all_stopped(pids));
  freeze.end();
  for (const pid_t pid : pids) EXPECT_TRUE(eventually([&] { return state_of(pid) == 'R'; })) << pid;
}

TEST(FreezerBySignals, another_users_process_is_an_error_and_the_job_runs_on) {
  ASSERT_EQ(geteuid(), 0U) << "these tests run as root";
  constexpr uid_t kNobody = 65534;
  const JobForTest job([](JobBoard& board) {
    start_children(board, 1, [&] { return burn_until(board); });
    if (setuid(kNobody) != 0) return 1;
    ++board.turns[0];
    return burn_until(board);
  });
  ASSERT_TRUE(eventually([&] { return job.board().count == 2 && job.board().turns[0] == 1; }));
  std::filesystem::permissions(job.folder().root(), std::filesystem::perms(0777));
  Child controller([&] {
    if (setuid(kNobody) != 0) return 1;
    const Freeze freeze(job);
    if (freeze.result) return 2;
    return freeze.result.error().kind == ErrorKind::denied ? 0 : 3;
  });
  EXPECT_EQ(controller.exit_status(), 0);
  EXPECT_TRUE(eventually([&] { return state_of(job.root()) == 'R'; }));
}

TEST(FreezerBySignals, a_later_process_with_the_same_pid_is_never_signalled) {
  const JobForTest job(busy_tree);
  ProcessKey other = key_of(job.root());
  EXPECT_EQ(signal_process(other, 0), 0);
  --other.start_ticks;
  EXPECT_EQ(signal_process(other, SIGSTOP), ESRCH);
  EXPECT_EQ(state_of(job.root()), 'R');
}

TEST(FreezeNote, of_another_boot_or_of_another_kind_says_nothing) {
  const TempFolder folder;
  const std::string path = folder.write("note", "lowtide.frozen/1 of-another-boot\nfreezing 5\n");
  const auto note = read_freeze_note(path);
  ASSERT_FALSE(note);
  EXPECT_EQ(note.error().kind, ErrorKind::absent);
  const auto left = thaw_left_frozen(path);
  ASSERT_TRUE(left);
  EXPECT_FALSE(*left);
  folder.write("note", "what is this\n");
  EXPECT_EQ(thaw_left_frozen(path).error().kind, ErrorKind::malformed);
  const auto nowhere = begin_freeze_note(folder.path("no/such/folder"), "");
  EXPECT_FALSE(nowhere);
}

}  // namespace
}  // namespace lowtide::host
