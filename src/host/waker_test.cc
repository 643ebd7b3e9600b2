// Who wakes a frozen job when a process of ours is killed: on real processes.
#include "host/waker.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>

#include "host/clock.h"
#include "host/freezer.h"
#include "host/job_for_test.h"

namespace lowtide::host {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

BootTime after(Duration length) { return SystemClock().boot() + length; }

bool is_readable(int fd) {
  pollfd one{fd, POLLIN, 0};
  return poll(&one, 1, 0) == 1;
}

// What the job's processes do, in the states of /proc.
std::string states(const JobForTest& job) {
  std::string all;
  for (const pid_t pid : job.board().all()) all += state_of(pid);
  return all;
}

class WakerOf : public testing::TestWithParam<FreezeWay> {
 protected:
  void SetUp() override {
    job_ = std::make_unique<JobForTest>(busy_tree, GetParam());
    ASSERT_TRUE(eventually([&] { return job_->board().count == 4; }));
  }

  // Freezes the job in a process of its own, which then does nothing more.
  std::unique_ptr<Child> frozen_by_a_controller(Duration for_long = hours(1)) {
    auto controller = std::make_unique<Child>([this, for_long] {
      Freezer freezer(job_->tree(), job_->note());
      const auto setup = freezer.prepare(after(for_long));
      if (!setup) return 1;
      const auto waker = arm(*setup);
      if (!waker || !freezer.freeze(*waker)) return 2;
      job_->folder().write("waker", std::to_string(waker->pid()));
      job_->folder().write("frozen", "");
      while (true) pause();
    });
    EXPECT_TRUE(eventually([&] { return job_->folder().has("frozen"); }));
    return controller;
  }
  [[nodiscard]] pid_t waker() const { return std::stoi(job_->folder().read("waker")); }
  [[nodiscard]] FreezeState state() const { return Freezer(job_->tree(), job_->note()).state(); }
  [[nodiscard]] std::optional<FreezeNote::Thawed> thawed() const {
    const auto note = read_freeze_note(job_->note());
    return note ? note->thawed : std::nullopt;
  }

  std::unique_ptr<JobForTest> job_;
};

TEST_P(WakerOf, a_killed_controller_leaves_the_job_running) {
  const auto controller = frozen_by_a_controller();
  ASSERT_EQ(state(), FreezeState::frozen);
  const BootTime killed = after({});
  controller->send(SIGKILL);
  ASSERT_TRUE(eventually([&] { return state() == FreezeState::thawed; }));
  ASSERT_TRUE(eventually([&] { return thawed().has_value(); }));
  EXPECT_EQ(thawed()->cause, ThawCause::controller_ended);
  EXPECT_GE(thawed()->at, killed);
  EXPECT_EQ(states(*job_).find_first_not_of("RS"), std::string::npos) << states(*job_);
  EXPECT_TRUE(eventually([&] { return has_ended(waker()); }));
  const auto left = thaw_left_frozen(job_->note());
  EXPECT_TRUE(left && !*left) << "it is thawed already";
}

TEST_P(WakerOf, a_controller_killed_at_any_moment_of_a_freeze_leaves_the_job_running) {
  for (int round = 0; round < 25; ++round) {
    Child controller([&] {
      while (true) {
        Freezer freezer(job_->tree(), job_->note());
        const auto setup = freezer.prepare(after(hours(1)));
        if (!setup) return 1;
        auto waker = arm(*setup);
        if (!waker) return 2;
        const auto frozen = freezer.freeze(*waker);
        // It may write into the note of the waker before, which has not said yet that it thawed.
        if (!frozen && frozen.error().kind != ErrorKind::ended) return 3;
        if (!freezer.thaw()) return 4;
        waker->let_go();
      }
    });
    usleep(5'000 + static_cast<unsigned>(round) * 1'300);
    controller.send(SIGKILL);
    ASSERT_EQ(controller.wait(), SIGKILL);
    ASSERT_TRUE(eventually([&] {
      return state() == FreezeState::thawed && states(*job_).find('T') == std::string::npos;
    })) << states(*job_);
  }
}

TEST_P(WakerOf, a_killed_waker_is_seen_and_another_takes_its_place) {
  Freezer freezer(job_->tree(), job_->note());
  auto setup = freezer.prepare(after(hours(1)));
  ASSERT_TRUE(setup);
  auto first = arm(*setup);
  ASSERT_TRUE(first && freezer.freeze(*first));
  EXPECT_FALSE(is_readable(first->ended_fd()));
  kill(first->pid(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return is_readable(first->ended_fd()); }));
  EXPECT_FALSE(first->alive());
  EXPECT_EQ(first->extend(after(hours(2))).error().kind, ErrorKind::ended);
  EXPECT_EQ(freezer.state(), FreezeState::frozen);
  setup = freezer.prepare(after(hours(1)));
  ASSERT_TRUE(setup);
  {
    const auto second = arm(*setup);
    ASSERT_TRUE(second) << second.error().line();
    EXPECT_EQ(freezer.state(), FreezeState::frozen);
  }
  EXPECT_TRUE(eventually([&] { return freezer.state() == FreezeState::thawed; }))
      << "the second was dropped, and thaws";
}

TEST_P(WakerOf, when_both_are_killed_the_next_command_thaws_and_says_so) {
  const auto controller = frozen_by_a_controller();
  auto left = thaw_left_frozen(job_->note());
  ASSERT_TRUE(left);
  EXPECT_FALSE(*left) << "there are two to thaw it";
  kill(waker(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return has_ended(waker()); }));
  left = thaw_left_frozen(job_->note());
  ASSERT_TRUE(left);
  EXPECT_FALSE(*left) << "the controller lives";
  controller->send(SIGKILL);
  EXPECT_EQ(controller->wait(), SIGKILL);
  usleep(50'000);
  EXPECT_EQ(state(), FreezeState::frozen);
  left = thaw_left_frozen(job_->note());
  ASSERT_TRUE(left);
  ASSERT_TRUE(*left);
  EXPECT_EQ((*left)->way, job_->way());
  EXPECT_EQ(state(), FreezeState::thawed);
  EXPECT_EQ(thawed()->cause, ThawCause::found_frozen);
  EXPECT_LT((*left)->since, thawed()->at);
  left = thaw_left_frozen(job_->note());
  ASSERT_TRUE(left);
  EXPECT_FALSE(*left) << "once";
}

TEST_P(WakerOf, its_time_comes_whatever_the_controller_does) {
  const BootTime latest = after(milliseconds(700));
  const auto controller = frozen_by_a_controller(milliseconds(700));
  kill(controller->pid(), SIGSTOP);
  ASSERT_TRUE(eventually([&] { return thawed().has_value(); }));
  EXPECT_EQ(thawed()->cause, ThawCause::time_reached);
  EXPECT_GE(thawed()->at, latest);
  EXPECT_EQ(state(), FreezeState::thawed);
}

TEST_P(WakerOf, a_time_that_comes_during_the_freeze_leaves_the_job_running) {
  int frozen = 0;
  for (int round = 0; round < 60; ++round) {
    Freezer freezer(job_->tree(), job_->note());
    const auto setup = freezer.prepare(after(hours(1)));
    ASSERT_TRUE(setup);
    auto waker = arm(*setup);
    ASSERT_TRUE(waker && waker->extend(after(std::chrono::microseconds(round * round * 20))));
    frozen += freezer.freeze(*waker) ? 1 : 0;
    ASSERT_TRUE(eventually([&] { return !waker->alive(); }));
    ASSERT_EQ(freezer.state(), FreezeState::thawed);
    ASSERT_EQ(states(*job_).find('T'), std::string::npos) << states(*job_) << " in " << round;
  }
  EXPECT_GT(frozen, 0);
  EXPECT_LT(frozen, 60);
}

TEST_P(WakerOf, an_extended_time_counts_and_a_waker_let_go_thaws_nothing) {
  Freezer freezer(job_->tree(), job_->note());
  const auto setup = freezer.prepare(after(milliseconds(500)));
  ASSERT_TRUE(setup);
  auto waker = arm(*setup);
  ASSERT_TRUE(waker && waker->extend(after(hours(1))));
  ASSERT_TRUE(freezer.freeze(*waker));
  usleep(700'000);
  EXPECT_TRUE(waker->alive());
  EXPECT_EQ(freezer.state(), FreezeState::frozen);
  ASSERT_TRUE(waker->extend(after(-hours(1)))) << "a time that has passed is now";
  ASSERT_TRUE(eventually([&] { return is_readable(waker->ended_fd()); }));
  EXPECT_EQ(freezer.state(), FreezeState::thawed);

  auto other = arm(*freezer.prepare(after(hours(1))));
  ASSERT_TRUE(other && freezer.freeze(*other));
  const pid_t pid = other->pid();
  other->let_go();
  EXPECT_TRUE(has_ended(pid));
  EXPECT_EQ(freezer.state(), FreezeState::frozen);
  EXPECT_TRUE(freezer.thaw());
}

INSTANTIATE_TEST_SUITE_P(Ways, WakerOf, testing::Values(FreezeWay::cgroup, FreezeWay::signals),
                         [](const auto& way) {
                           return way.param == FreezeWay::cgroup ? "cgroup" : "signals";
                         });

TEST(Waker, no_signal_ends_it_and_it_holds_nothing_of_ours) {
  const JobForTest job(busy_tree);
  Freezer freezer(job.tree(), job.note());
  auto setup = freezer.prepare(after(hours(1)));
  ASSERT_TRUE(setup);
  setup->groups.clear();
  const UniqueFd ours(::open("/dev/null", O_RDONLY));  // without close-on-exec
  auto waker = arm(*setup);
  ASSERT_TRUE(waker) << waker.error().line();
  for (int signal = 1; signal < 32; ++signal) {
    if (signal != SIGKILL && signal != SIGSTOP) kill(waker->pid(), signal);
  }
  usleep(50'000);
  EXPECT_TRUE(waker->alive());
  EXPECT_EQ(getsid(waker->pid()), waker->pid());
  const std::string folder = "/proc/" + std::to_string(waker->pid());
  std::string clocks;
  int held = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/fdinfo")) {
    ++held;
    std::ifstream lines(entry.path());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("clockid:")) clocks += line;
    }
  }
  EXPECT_EQ(held, 4) << "socket, controller, timer, note";
  EXPECT_EQ(clocks, "clockid: " + std::to_string(CLOCK_BOOTTIME));
  EXPECT_EQ(std::filesystem::read_symlink(folder + "/cwd"), "/");
  waker->let_go();
}

TEST(Waker, without_a_note_there_is_none) {
  const TempFolder folder;
  const auto waker = arm({folder.path("none"), after(hours(1))});
  ASSERT_FALSE(waker);
  EXPECT_EQ(waker.error().kind, ErrorKind::absent);
}

// A terminal with a shell; below it a controller, and its job in the same process group. With
// `meter` as under lowtide: the session's leader is the supervisor, and the controller a child of
// it in a group of its own, which starts the job into the supervisor's.
class OnTerminal {
 public:
  OnTerminal(bool meter, bool tied) : board_(shared_board()), tied_(tied) {
    int terminal = -1;
    shell_ = forkpty(&terminal, nullptr, nullptr, nullptr);
    if (shell_ == 0) _exit(meter ? supervisor() : shell());
    terminal_.reset(terminal);
  }
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;
  ~OnTerminal() {
    for (const int pid : {job(), controller(), waker(), shell_}) {
      if (pid > 0) kill(pid, SIGKILL);
    }
    waitpid(shell_, nullptr, 0);
  }

  [[nodiscard]] pid_t controller() const { return board_.pids[0]; }
  [[nodiscard]] pid_t job() const { return board_.pids[1]; }
  [[nodiscard]] pid_t waker() const { return board_.pids[2]; }
  [[nodiscard]] bool frozen() const { return board_.end; }
  [[nodiscard]] int hangups() const { return board_.hangups; }
  [[nodiscard]] long turns() const { return board_.turns[0]; }

 private:
  int shell() {
    alarm(30);
    const pid_t child = fork();
    if (child == 0) _exit(control(0));
    setpgid(child, child);
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(STDIN_FILENO, child);
    while (true) pause();
  }
  int supervisor() {
    alarm(30);
    signal(SIGHUP, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t child = fork();
    if (child == 0) _exit(control(getpgid(getppid())));
    while (true) waitpid(-1, nullptr, 0);
  }
  int control(pid_t jobs_group) {
    setpgid(0, 0);
    const pid_t job = fork();
    if (job == 0) count_turns(board_, jobs_group);
    while (board_.turns[0] == 0) usleep(1000);
    Freezer freezer({key_of(job)}, folder_.path("note"));
    auto setup = freezer.prepare(after(hours(1)));
    if (!setup) return 1;
    if (!tied_) setup->groups.clear();
    const auto waker = arm(*setup);
    if (!waker || !freezer.freeze(*waker)) return 2;
    board_.pids[1] = job;
    board_.pids[2] = waker->pid();
    board_.pids[0] = getpid();
    board_.end = true;
    while (true) pause();
  }

  JobBoard& board_;
  bool tied_;
  TempFolder folder_;
  UniqueFd terminal_;
  pid_t shell_ = -1;
};

// The waker is held up, so that it does not thaw before the kernel has looked for stopped groups.
void kill_controller(const OnTerminal& terminal) {
  ASSERT_TRUE(eventually([&] { return terminal.frozen(); }));
  ASSERT_EQ(state_of(terminal.job()), 'T');
  kill(terminal.waker(), SIGSTOP);
  ASSERT_TRUE(eventually([&] { return state_of(terminal.waker()) == 'T'; }));
  kill(terminal.controller(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return has_ended(terminal.controller()); }));
}

TEST(WakerOnTerminal, a_job_frozen_by_signals_gets_no_hangup_when_what_tied_it_is_killed) {
  for (const bool meter : {false, true}) {
    SCOPED_TRACE(meter ? "below a supervisor that leads the session" : "below a shell");
    const OnTerminal terminal(meter, true);
    const long before = terminal.turns();
    kill_controller(terminal);
    usleep(50'000);
    EXPECT_EQ(state_of(terminal.job()), 'T');
    kill(terminal.waker(), SIGCONT);
    EXPECT_TRUE(eventually([&] { return terminal.turns() > before; })) << "it was thawed";
    EXPECT_TRUE(eventually([&] { return has_ended(terminal.waker()); }));
    usleep(20'000);
    EXPECT_EQ(terminal.hangups(), 0);
  }
}

TEST(WakerOnTerminal, without_the_tie_the_kernel_would_hang_up) {
  for (const bool meter : {false, true}) {
    SCOPED_TRACE(meter);
    const OnTerminal terminal(meter, false);
    kill_controller(terminal);
    EXPECT_TRUE(eventually([&] { return terminal.hangups() == 1; }));
    kill(terminal.waker(), SIGCONT);
  }
}

}  // namespace
}  // namespace lowtide::host
