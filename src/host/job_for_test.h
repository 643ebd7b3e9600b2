// What tests of freezing share: a job of several processes, below a process that adopts its orphans
// as lowtide does, and memory in which they say what becomes of them. Not part of the program.
#pragma once

#include <sys/mman.h>
#include <sys/prctl.h>

#include <array>
#include <atomic>
#include <memory>
#include <new>
#include <vector>

#include "host/cgroup.h"
#include "host/child_for_test.h"
#include "host/freezer.h"

namespace lowtide::host {

struct JobBoard {
  std::atomic<int> count{0};  // of processes that entered, ever
  std::array<std::atomic<int>, 4096> pids{};
  std::atomic<bool> end{false};
  std::atomic<int> hangups{0};
  std::atomic<int> stops_seen{0};
  std::array<std::atomic<long>, 8> turns{};

  // Called by each process of the job.
  void enter() { pids.at(static_cast<std::size_t>(count++) % pids.size()) = getpid(); }
  [[nodiscard]] std::vector<pid_t> all() const {
    std::vector<pid_t> list;
    for (const auto& pid : pids) {
      if (pid != 0) list.push_back(pid);
    }
    return list;
  }
};

inline JobBoard& shared_board() {
  void* memory =
      mmap(nullptr, sizeof(JobBoard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return *new (memory) JobBoard;
}

inline char state_of(pid_t pid) { return process_stat(pid).value_or(ProcessStat{}).state; }
inline ProcessKey key_of(pid_t pid) {
  return {pid, process_stat(pid).value_or(ProcessStat{}).start_ticks};
}

// Uses the processor until the test is over.
inline int burn_until(const JobBoard& board) {
  while (!board.end) {
  }
  return 0;
}

// `program` as the first process of a job, in a group of its own where that is asked for and may
// be.
class JobForTest {
 public:
  using Program = std::function<int(JobBoard&)>;

  explicit JobForTest(const Program& program, FreezeWay way = FreezeWay::signals)
      : board_(shared_board()) {
    if (way == FreezeWay::cgroup) make_group();
    keeper_ = std::make_unique<Child>([&] { return keep(program); });
    while (board_.pids[0] == 0) usleep(500);
  }
  JobForTest(const JobForTest&) = delete;
  JobForTest& operator=(const JobForTest&) = delete;
  ~JobForTest() {
    board_.end = true;
    static_cast<void>(Freezer(tree(), note()).thaw());
    // The adopter first sees all of its end: then nothing of it is left.
    for (int i = 0; i < 5000 && !children_of(keeper()).empty(); ++i) {
      for (const pid_t pid : children_of(keeper())) ::kill(pid, SIGKILL);
      usleep(1000);
    }
    keeper_.reset();
    if (!group_.empty()) remove_job_cgroup(group_);
  }

  [[nodiscard]] JobBoard& board() const { return board_; }
  [[nodiscard]] pid_t root() const { return board_.pids[0]; }
  [[nodiscard]] pid_t keeper() const { return keeper_->pid(); }
  [[nodiscard]] std::string note() const { return folder_.path("note"); }
  [[nodiscard]] const TempFolder& folder() const { return folder_; }
  [[nodiscard]] JobTree tree() const {
    return {key_of(root()), group_, {keeper_->pid()}, {keeper_->pid()}};
  }
  // How it must be frozen here.
  [[nodiscard]] FreezeWay way() const {
    return group_.empty() ? FreezeWay::signals : FreezeWay::cgroup;
  }

 private:
  void make_group() {
    const auto made = make_job_cgroup("freezer-test");
    group_ = made.value_or("");
    if (!made) {
      printf("no group may be made here (%s): by signals instead\n", made.error().line().c_str());
    }
  }
  int keep(const Program& program) const {
    // A group of its own, which the test's process ties to the session: whoever runs the tests may
    // be in a group that nothing else ties to it, and the kernel would hang up on all of that.
    setpgid(0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    alarm(100);  // longer than a sanitizer on a busy machine takes: its end would free the orphans
    if (fork() == 0) {
      if (!group_.empty()) std::ofstream(group_ + "/cgroup.procs") << 0 << std::flush;
      board_.enter();
      _exit(program(board_));
    }
    while (waitpid(-1, nullptr, 0) > 0) {
    }
    return 0;
  }

  JobBoard& board_;
  TempFolder folder_;
  std::string group_;
  std::unique_ptr<Child> keeper_;
};

// It may wait for init to reap it.
inline bool has_ended(pid_t pid) { return std::string_view("?ZX").find(state_of(pid)) < 3; }

// A job of one process in this group (0: as it is) that counts its turns and the kernel's hangups.
[[noreturn]] inline void count_turns(JobBoard& counts, pid_t group) {
  alarm(30);
  static JobBoard& board = counts;
  signal(SIGHUP, [](int) { ++board.hangups; });
  if (group != 0) setpgid(0, group);
  while (true) {
    ++board.turns[0];
    usleep(1000);
  }
}

inline Duration cpu_of(pid_t pid) { return process_stat(pid).value_or(ProcessStat{}).cpu; }

// Starts `count` children, each of which is `body`.
template <typename Body>
void start_children(JobBoard& board, int count, Body body) {
  for (int i = 0; i < count; ++i) {
    if (fork() != 0) continue;
    board.enter();
    _exit(body());
  }
}

// Three levels, four processes that use the processor all the while.
inline int busy_tree(JobBoard& board) {
  start_children(board, 1, [&] {
    start_children(board, 2, [&] { return burn_until(board); });
    return burn_until(board);
  });
  return burn_until(board);
}

}  // namespace lowtide::host
