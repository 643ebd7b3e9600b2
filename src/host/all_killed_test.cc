// What becomes of a job that is stopped by signals when all of lowtide is killed at one moment.
#include <gtest/gtest.h>

#include "host/clock.h"
#include "host/freezer.h"
#include "host/job_for_test.h"
#include "host/supervise.h"

namespace lowtide::host {
namespace {

using std::chrono::hours;

// As in a script, a service or under cron: a session without job control, its leader a supervisor;
// a meter that starts the job into the leader's group, and freezes it here.
class InOneGroup {
 public:
  explicit InOneGroup(bool joined)
      : joined_(joined), leader_(std::make_unique<Child>([this] { return lead(); })) {}
  InOneGroup(const InOneGroup&) = delete;
  InOneGroup& operator=(const InOneGroup&) = delete;
  ~InOneGroup() {
    for (const pid_t pid : board_.all()) kill(pid, SIGKILL);
  }
  // At one moment, so that none answers the death of another.
  void kill_all_but_the_job() {
    ASSERT_TRUE(eventually([&] { return board_.end.load(); }));
    ASSERT_EQ(state_of(job()), 'T');
    const std::array all{board_.pids[2].load(), board_.pids[0].load(), leader_->pid()};
    for (const pid_t pid : all) kill(pid, SIGSTOP);
    for (const pid_t pid : all) ASSERT_TRUE(eventually([&] { return state_of(pid) == 'T'; }));
    for (const pid_t pid : all) kill(pid, SIGKILL);
    for (const pid_t pid : all) ASSERT_TRUE(eventually([&] { return has_ended(pid); }));
  }
  [[nodiscard]] pid_t job() const { return board_.pids[1]; }
  [[nodiscard]] const JobBoard& board() const { return board_; }
  [[nodiscard]] std::string note() const { return folder_.path("note"); }

 private:
  int lead() {
    alarm(30);
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t leader = getpid();
    if (fork() == 0) _exit(meter(leader));
    while (true) pause();
  }
  int meter(pid_t leader) {
    alarm(30);
    setpgid(0, 0);
    if (joined_) join_untied_group(leader);
    const pid_t job = fork();
    if (job == 0) count_turns(board_, leader);
    while (board_.turns[0] == 0) usleep(1000);
    Freezer freezer({key_of(job), {}, {leader, getpid()}, {leader, getpid()}}, note());
    const auto setup = freezer.prepare(SystemClock().boot() + hours(1));
    if (!setup) return 1;
    board_.turns[1] = static_cast<long>(setup->groups.size());
    // Nobody's tie but the meter's own: what the kernel makes of it is to be seen.
    const auto waker = arm({setup->note, setup->latest, setup->controller});
    if (!waker || !freezer.freeze(*waker)) return 2;
    board_.pids[1] = job;
    board_.pids[2] = waker->pid();
    board_.pids[0] = getpid();
    board_.end = true;
    while (true) pause();
  }

  JobBoard& board_ = shared_board();
  bool joined_;
  TempFolder folder_;
  std::unique_ptr<Child> leader_;
};

TEST(AllKilled, a_job_that_nothing_ties_waits_for_the_next_command_when_all_are_killed) {
  InOneGroup all(true);
  all.kill_all_but_the_job();
  EXPECT_EQ(all.board().turns[1], 0) << "groups that want a tie";
  usleep(50'000);
  EXPECT_EQ(state_of(all.job()), 'T');
  const long before = all.board().turns[0];
  const auto left = thaw_left_frozen(all.note());
  ASSERT_TRUE(left && *left);
  EXPECT_FALSE((*left)->ended);
  EXPECT_TRUE(eventually([&] { return all.board().turns[0] > before; }));
  EXPECT_EQ(all.board().hangups, 0);
}

TEST(AllKilled, a_meter_in_a_group_of_its_own_would_tie_the_jobs) {
  InOneGroup all(false);
  all.kill_all_but_the_job();
  EXPECT_EQ(all.board().turns[1], 1);
  EXPECT_TRUE(eventually([&] { return all.board().hangups == 1; }));
  kill(all.job(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return has_ended(all.job()); }));
  const auto left = thaw_left_frozen(all.note());
  ASSERT_TRUE(left && *left);
  EXPECT_TRUE((*left)->ended) << "what has ended was not let go on";
}

}  // namespace
}  // namespace lowtide::host
