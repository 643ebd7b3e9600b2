// A job that is frozen below its supervisor: the shell sees nothing of it.
#include <gtest/gtest.h>

#include "host/clock.h"
#include "host/job_for_test.h"
#include "host/supervise.h"

namespace lowtide::host {
namespace {

// Passes on what wait4() says of the job, as record/session does.
int plain_meter(const MeterSeat& seat, const Inherited& inherited, Board& board,
                const std::string& note) {
  if (!seat.restarted) {
    const auto job =
        start_job({{"/bin/sh", "-c", "while :; do sleep 0.01 & wait; done"}, {}}, inherited, board);
    if (!job) return 1;
    seat.tell({Note::Kind::started, job->pid});
  }
  while (!board.ended) {
    int status = 0;
    rusage use{};
    if (wait4(board.job_pid, &status, WNOHANG | WUNTRACED, &use) == board.job_pid) {
      if (WIFSTOPPED(status)) {
        if (!stopped_by_freezer(note, board.job_pid)) {
          seat.tell({Note::Kind::stopped, WSTOPSIG(status)});
        }
      } else {
        board.note_end(status, use, SystemClock().boot());
      }
    }
    usleep(2000);
  }
  return 0;
}

class SuperviseFreeze : public testing::Test {
 protected:
  void start() {
    supervisor_ = std::make_unique<Child>([this] {
      setpgid(0, 0);
      const Inherited inherited = Inherited::take();
      const auto outcome = supervise(
          inherited, board_,
          [&](const MeterSeat& seat) {
            meter_ = getpid();
            return plain_meter(seat, inherited, board_, note_);
          },
          Beside{false, {}, {}, note_});
      return outcome.status;
    });
    ASSERT_TRUE(eventually([&] { return board_.started.load() && meter_ != 0; }));
  }
  // Frozen by signals, by a freezer in this process.
  void freeze() {
    const JobTree tree{
        key_of(board_.job_pid), {}, {meter_, supervisor_->pid()}, {meter_, supervisor_->pid()}};
    freezer_.emplace(tree, note_);
    const auto setup = freezer_->prepare(SystemClock().boot() + std::chrono::hours(1));
    ASSERT_TRUE(setup) << setup.error().line();
    auto armed = arm(*setup);
    ASSERT_TRUE(armed) << armed.error().line();
    waker_.emplace(std::move(*armed));
    const auto frozen = freezer_->freeze(*waker_);
    ASSERT_TRUE(frozen) << frozen.error().line();
  }
  void thaw() {
    ASSERT_TRUE(freezer_->thaw());
    waker_->let_go();
  }
  // The shell's look at its child: 'T' and which signal, 'C', 'E', or '-' for nothing new.
  std::string look() {
    int status = 0;
    if (waitpid(supervisor_->pid(), &status, WNOHANG | WUNTRACED | WCONTINUED) <= 0) return "-";
    if (WIFSTOPPED(status)) return "T" + std::to_string(WSTOPSIG(status));
    return WIFCONTINUED(status) ? "C" : "E";
  }
  bool looks_untouched(int ms) {
    for (int i = 0; i < ms / 10; ++i) {
      if (look() != "-" || state_of(supervisor_->pid()) == 'T') return false;
      usleep(10'000);
    }
    return true;
  }
  ~SuperviseFreeze() override {
    if (board_.job_pid > 0) kill(board_.job_pid, SIGKILL);
  }

  TempFolder folder_;
  std::string note_ = folder_.path("note");
  Board& board_ = Board::map();
  std::atomic<int>& meter_ = shared_board().pids[0];
  std::unique_ptr<Child> supervisor_;
  std::optional<Freezer> freezer_;
  std::optional<Waker> waker_;
};

TEST_F(SuperviseFreeze, a_freeze_and_a_thaw_are_not_passed_on) {
  start();
  for (int round = 0; round < 2; ++round) {
    freeze();
    EXPECT_EQ(state_of(board_.job_pid), 'T');
    EXPECT_TRUE(looks_untouched(400));
    thaw();
    EXPECT_NE(state_of(board_.job_pid), 'T');
    EXPECT_TRUE(looks_untouched(200));
  }
  kill(board_.job_pid, SIGKILL);
  EXPECT_EQ(supervisor_->exit_status(), 128 + SIGKILL);
}

TEST_F(SuperviseFreeze, a_stop_by_the_user_is_passed_on_before_and_after_a_freeze) {
  start();
  freeze();
  thaw();
  for (const int signal : {SIGSTOP, SIGTSTP}) {
    // Again and again: the supervisor passes the CONT of the last round on, maybe only now.
    ASSERT_TRUE(eventually([&] {
      kill(board_.job_pid, signal);
      return look() == "T" + std::to_string(signal);
    })) << signal;
    kill(-supervisor_->pid(), SIGCONT);
    ASSERT_TRUE(eventually([&] { return state_of(supervisor_->pid()) != 'T'; }));
    ASSERT_TRUE(eventually([&] { return state_of(board_.job_pid) != 'T'; }));
  }
}

TEST_F(SuperviseFreeze, the_terminals_stop_and_a_cont_to_lowtide_leave_a_frozen_job_as_it_is) {
  start();
  freeze();
  kill(-supervisor_->pid(), SIGTSTP);
  EXPECT_TRUE(looks_untouched(200));
  kill(supervisor_->pid(), SIGCONT);
  usleep(200'000);
  EXPECT_EQ(state_of(board_.job_pid), 'T') << "woken against its plan";
  thaw();
  EXPECT_NE(state_of(board_.job_pid), 'T') << "the kernel drops a TSTP that waits when it goes on";
  EXPECT_TRUE(looks_untouched(200));
}

// The next parent of the job is told of its stop again, if it was not taken.
TEST_F(SuperviseFreeze, nor_is_it_passed_on_when_the_meter_dies_meanwhile) {
  start();
  freeze();
  kill(meter_, SIGSTOP);  // before it has looked
  kill(meter_, SIGKILL);
  EXPECT_TRUE(
      eventually([&] { return process_stat(board_.job_pid)->parent == supervisor_->pid(); }));
  EXPECT_NE(state_of(supervisor_->pid()), 'T');
  thaw();
}

}  // namespace
}  // namespace lowtide::host
