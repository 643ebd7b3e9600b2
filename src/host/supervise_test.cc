#include "host/supervise.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <new>

#include "host/child_for_test.h"
#include "host/clock.h"

namespace lowtide::host {
namespace {

// What the meters of a test leave for it to read, in memory that all its processes share.
struct Diary {
  std::atomic<int> meters{0};
  std::atomic<int> meter_pid{0};
  std::atomic<int> meter_group{0};
  std::atomic<int> job_group{0};
  std::atomic<bool> restarted{false};
  std::atomic<int> dead_meter{0};
  std::atomic<int> told_of_end{0};

  static Diary& map() {
    return *new (mmap(nullptr, sizeof(Diary), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                      -1, 0)) Diary;
  }
};

class Rig {
 public:
  explicit Rig(std::string script) : Rig({"/bin/sh", "-c", std::move(script)}) {}
  explicit Rig(std::vector<std::string> command) : command_(std::move(command)) {}

  // The supervisor in a child, in a group of its own as a shell would have it.
  Child start(int meters_that_fail = 0, int end_of_failing = 1) {
    return Child([this, meters_that_fail, end_of_failing] {
      setpgid(0, 0);
      const Inherited inherited = Inherited::take();
      const auto outcome = supervise(inherited, board, [&](const MeterSeat& seat) {
        if (++diary.meters <= meters_that_fail) {
          if (end_of_failing < 0) raise(SIGKILL);
          return end_of_failing;
        }
        return meter(seat, inherited);
      });
      if (!outcome.started) return outcome.exec_errno == 0 ? 200 : 100 + outcome.exec_errno;
      return outcome.status;
    });
  }

  Board& board = Board::map();
  Diary& diary = Diary::map();
  TempFolder folder;

 private:
  int meter(const MeterSeat& seat, const Inherited& inherited) {
    diary.meter_pid = getpid();
    diary.meter_group = getpgrp();
    diary.dead_meter = seat.dead_meter;
    if (!seat.restarted) {
      const auto job = start_job({command_, {{"DIR", folder.root()}}}, inherited, board);
      if (!job) return 1;
      diary.job_group = getpgid(job->pid);
      seat.tell({Note::Kind::started, job->pid});
    }
    diary.restarted = seat.restarted;
    for (int i = 0; i < 10'000 && !board.ended; ++i) {
      int status = 0;
      rusage use{};
      if (wait4(board.job_pid, &status, WNOHANG, &use) == board.job_pid) {
        board.note_end(status, use, SystemClock().boot());
      }
      usleep(2000);
    }
    if (!seat.restarted) return 0;
    // Not the job's parent: the supervisor says that it has ended.
    pollfd wanted{seat.socket, POLLIN, 0};
    Note note;
    const bool told = poll(&wanted, 1, 10'000) == 1 &&
                      recv(seat.socket, &note, sizeof note, MSG_DONTWAIT) == sizeof note;
    if (told && note.kind == Note::Kind::ended) ++diary.told_of_end;
    return 0;
  }

  std::vector<std::string> command_;
};

// A job that does nothing until a file appears in its folder; 20 s at most.
std::string until(const std::string& file, const std::string& then) {
  return "i=0; while [ ! -e $DIR/" + file + " ] && [ $i -lt 1000 ]; do sleep 0.02; i=$((i+1)); " +
         "done; " + then;
}

TEST(Supervise, the_jobs_status_is_handed_on) {
  for (const auto& [script, status] : {std::pair{"exit 0", 0},
                                       {"exit 7", 7},
                                       {"kill -9 $$", 128 + SIGKILL},
                                       {"kill -SEGV $$", 128 + SIGSEGV}}) {
    Rig rig{std::string(script)};
    EXPECT_EQ(rig.start().exit_status(), status) << script;
    EXPECT_TRUE(rig.board.ended);
    EXPECT_GT(rig.board.end(), rig.board.begin());
  }
}

TEST(Supervise, a_command_that_cannot_be_run_never_started_and_says_why) {
  Rig missing(std::vector<std::string>{"lowtide-no-such-command"});
  EXPECT_EQ(missing.start().exit_status(), 100 + ENOENT);
  Rig denied(std::vector<std::string>{"/"});
  EXPECT_EQ(denied.start().exit_status(), 100 + EACCES);
  EXPECT_EQ(denied.diary.meters, 1) << "no second meter tries it again";
}

TEST(Supervise, the_job_is_in_our_group_and_the_meter_in_its_own) {
  Rig rig(until("go", "exit 0"));
  Child supervisor = rig.start();
  ASSERT_TRUE(eventually([&] { return rig.diary.job_group != 0; }));
  EXPECT_EQ(rig.diary.job_group, supervisor.pid());
  EXPECT_EQ(rig.diary.meter_group, rig.diary.meter_pid);
  rig.folder.write("go", "");
  EXPECT_EQ(supervisor.exit_status(), 0);
}

TEST(Supervise, a_killed_meter_is_followed_by_one_that_takes_the_job_up) {
  Rig rig(until("go", "exit 5"));
  Child supervisor = rig.start();
  ASSERT_TRUE(eventually([&] { return rig.board.started.load(); }));
  const int first = rig.diary.meter_pid;
  const int job = rig.board.job_pid;
  kill(first, SIGKILL);
  ASSERT_TRUE(eventually([&] { return rig.diary.restarted.load(); }));
  EXPECT_EQ(rig.diary.dead_meter, first);
  EXPECT_NE(rig.diary.meter_pid, first);
  EXPECT_EQ(rig.board.job_pid, job) << "the job was not started again";
  rig.folder.write("go", "");
  EXPECT_EQ(supervisor.exit_status(), 5) << "now the supervisor's child: it has the status";
  EXPECT_TRUE(rig.board.ended);
  EXPECT_EQ(rig.diary.meters, 2);
}

TEST(Supervise, the_meter_that_is_no_parent_is_told_of_the_end) {
  Rig rig(until("go", "exit 0"));
  Child supervisor = rig.start();
  ASSERT_TRUE(eventually([&] { return rig.board.started.load(); }));
  kill(rig.diary.meter_pid, SIGKILL);
  ASSERT_TRUE(eventually([&] { return rig.diary.restarted.load(); }));
  rig.folder.write("go", "");
  EXPECT_EQ(supervisor.exit_status(), 0);
  EXPECT_EQ(rig.diary.told_of_end, 1);
}

TEST(Supervise, several_killed_meters_in_a_row_lose_nothing) {
  Rig rig(until("go", "exit 6"));
  Child supervisor = rig.start();
  ASSERT_TRUE(eventually([&] { return rig.board.started.load(); }));
  for (int round = 0; round < 3; ++round) {
    const int meter = rig.diary.meter_pid;
    kill(meter, SIGKILL);
    ASSERT_TRUE(eventually([&] { return rig.diary.meter_pid != meter; })) << round;
  }
  rig.folder.write("go", "");
  EXPECT_EQ(supervisor.exit_status(), 6);
}

TEST(Supervise, a_meter_killed_before_the_start_is_replaced_by_one_that_starts_the_job) {
  Rig rig("exit 4");
  EXPECT_EQ(rig.start(1, -1).exit_status(), 4);
  EXPECT_EQ(rig.diary.meters, 2);
  EXPECT_FALSE(rig.diary.restarted);
}

TEST(Supervise, a_meter_that_fails_by_itself_before_the_start_is_not_tried_forever) {
  Rig rig("exit 4");
  EXPECT_EQ(rig.start(1000, 70).exit_status(), 200);
  EXPECT_EQ(rig.diary.meters, 1);
  Rig crashing("exit 4");
  EXPECT_EQ(crashing.start(1000, -1).exit_status(), 200);
  EXPECT_LE(crashing.diary.meters, 10);
}

TEST(Supervise, signals_sent_to_lowtide_reach_the_job_once) {
  Rig rig(
      "trap 'echo TERM >> $DIR/got' TERM; trap 'echo HUP >> $DIR/got' HUP; "
      "trap 'echo USR2 >> $DIR/got' USR2; touch $DIR/ready; " +
      until("go", "exit 8"));
  Child supervisor = rig.start();
  ASSERT_TRUE(eventually([&] { return rig.folder.has("ready"); }));
  std::string expected;
  for (const auto& [number, name] :
       {std::pair{SIGTERM, "TERM\n"}, {SIGHUP, "HUP\n"}, {SIGUSR2, "USR2\n"}}) {
    supervisor.send(number);
    expected += name;
    ASSERT_TRUE(eventually([&] { return rig.folder.read("got") == expected; })) << name;
  }
  rig.folder.write("go", "");
  EXPECT_EQ(supervisor.exit_status(), 8);
  EXPECT_EQ(rig.folder.read("got"), expected);
}

TEST(Supervise, int_and_quit_are_the_jobs_business_and_pass_lowtide_by) {
  Rig rig("trap 'echo INT >> $DIR/got' INT; touch $DIR/ready; " + until("go", "exit 9"));
  Child supervisor = rig.start();
  ASSERT_TRUE(eventually([&] { return rig.folder.has("ready"); }));
  supervisor.send(SIGINT);  // to lowtide alone: ignored
  supervisor.send(SIGQUIT);
  supervisor.send(SIGTERM);  // arrives after them, ends the shell
  EXPECT_EQ(supervisor.exit_status(), 128 + SIGTERM);
  EXPECT_EQ(rig.folder.read("got"), "");
}

TEST(Supervise, a_signal_from_the_jobs_own_group_is_not_sent_back_to_it) {
  Rig rig("trap 'exit 33' TERM; kill -TERM $(ps -o ppid= -p $PPID); sleep 0.1; exit 0");
  EXPECT_EQ(rig.start().exit_status(), 0);
}

TEST(Supervise, children_left_behind_by_the_job_do_not_hold_up_the_end) {
  Rig rig("sleep 20 >/dev/null 2>&1 & echo $! > $DIR/left; exit 3");
  EXPECT_EQ(rig.start().exit_status(), 3);
  const int left = std::atoi(rig.folder.read("left").c_str());
  ASSERT_GT(left, 1);
  EXPECT_EQ(kill(left, SIGKILL), 0) << "it lives on";
}

}  // namespace
}  // namespace lowtide::host
