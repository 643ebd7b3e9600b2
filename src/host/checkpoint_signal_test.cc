// On real jobs: shells, Python, trees that fork. None of them may be harmed by being asked.
#include "host/checkpoint_signal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/job_for_test.h"

namespace lowtide::host {
namespace {

using Kind = CheckpointTarget::Kind;
using testing::HasSubstr;

const CheckpointTarget kMain{};
const CheckpointTarget kTree{Kind::tree};

// A job that is one program; it writes into `folder`, where it stands.
class Script {
 public:
  Script(const char* program, std::string text)
      : text_(std::move(text)), job_([this, program](JobBoard&) {
          if (chdir(folder_.root().c_str()) != 0) return 1;
          execl(program, program, "-c", text_.c_str(), nullptr);
          return 1;
        }) {}

  [[nodiscard]] bool wrote(const std::string& name) const {
    return eventually([&] { return folder_.has(name); });
  }
  [[nodiscard]] const TempFolder& folder() const { return folder_; }
  [[nodiscard]] const JobForTest& job() const { return job_; }
  [[nodiscard]] bool lives() const { return is_alive(job_.tree().root); }

 private:
  std::string text_;
  TempFolder folder_;
  JobForTest job_;
};

constexpr const char* kBash = "/bin/bash";
constexpr const char* kPython = "/usr/bin/python3";

int sent(const Result<int>& result) {
  EXPECT_TRUE(result) << (result ? "" : result.error().line());
  return result.value_or(-1);
}

TEST(CheckpointSignal, a_trap_of_bash_gets_it_once) {
  const Script script(kBash,
                      "trap 'echo saved >> saved' USR1; touch ready; while :; do sleep 0.01; done");
  ASSERT_TRUE(script.wrote("ready"));
  EXPECT_TRUE(catches(script.job().tree().root, SIGUSR1));
  EXPECT_FALSE(catches(script.job().tree().root, SIGUSR2));
  EXPECT_EQ(sent(signal_to_save(script.job().tree(), kMain, SIGUSR1)), 1);
  ASSERT_TRUE(script.wrote("saved"));
  usleep(100'000);
  EXPECT_EQ(script.folder().read("saved"), "saved\n");
  EXPECT_TRUE(script.lives());
}

TEST(CheckpointSignal, a_handler_that_is_set_late_is_seen_from_then_on) {
  const Script script(kPython,
                      "import signal, time\n"
                      "open('begun', 'w')\n"
                      "time.sleep(1)\n"
                      "signal.signal(signal.SIGUSR1, lambda *_: open('saved', 'w'))\n"
                      "open('ready', 'w')\n"
                      "while True: time.sleep(0.01)\n");
  ASSERT_TRUE(script.wrote("begun"));
  EXPECT_EQ(sent(signal_to_save(script.job().tree(), kMain, SIGUSR1)), 0);
  ASSERT_TRUE(script.wrote("ready"));
  EXPECT_EQ(sent(signal_to_save(script.job().tree(), kMain, SIGUSR1)), 1);
  EXPECT_TRUE(script.wrote("saved"));
}

TEST(CheckpointSignal, who_does_not_catch_it_is_sent_nothing) {
  const Script ignores(kBash, "trap '' USR1; touch ready; while :; do sleep 0.01; done");
  const Script plain(kBash, "touch ready; while :; do sleep 0.01; done");
  for (const Script* script : {&ignores, &plain}) {
    ASSERT_TRUE(script->wrote("ready"));
    EXPECT_EQ(sent(signal_to_save(script->job().tree(), kMain, SIGUSR1)), 0);
    EXPECT_EQ(sent(signal_to_save(script->job().tree(), kTree, SIGUSR1)), 0);
    usleep(100'000);
    EXPECT_TRUE(script->lives());
  }
}

TEST(CheckpointSignal, a_handler_below_a_shell_is_of_the_tree_and_not_of_main) {
  const Script script("/bin/sh",
                      "/usr/bin/python3 -c \"import signal, time\n"
                      "signal.signal(signal.SIGUSR1, lambda *_: open('saved', 'w'))\n"
                      "open('ready', 'w')\n"
                      "while True: time.sleep(0.01)\"; true");
  ASSERT_TRUE(script.wrote("ready"));
  EXPECT_EQ(sent(signal_to_save(script.job().tree(), kMain, SIGUSR1)), 0);
  EXPECT_EQ(sent(signal_to_save(script.job().tree(), kTree, SIGUSR1)), 1);
  EXPECT_TRUE(script.wrote("saved"));
  EXPECT_TRUE(script.lives());
}

std::atomic<int>* saves = nullptr;
void save(int /*signal*/) { ++*saves; }

// The first process and two of its four children catch it; so does an orphan.
int forking_tree(JobBoard& board) {
  saves = &board.stops_seen;
  start_children(board, 2, [&] { return burn_until(board); });
  ::signal(SIGUSR1, save);
  start_children(board, 2, [&] { return burn_until(board); });
  const pid_t parent = fork();
  if (parent == 0) {
    start_children(board, 1, [&] { return burn_until(board); });
    _exit(0);
  }
  waitpid(parent, nullptr, 0);
  board.turns[0] = 1;
  return burn_until(board);
}
// All six are there, and the orphan is one.
bool is_whole(const JobForTest& job) {
  return eventually([&] { return job.board().count == 6 && job.board().turns[0] == 1; });
}

TEST(CheckpointSignal, each_of_a_tree_that_catches_it_gets_it_and_no_other) {
  const JobForTest job(forking_tree);
  ASSERT_TRUE(is_whole(job));
  EXPECT_EQ(sent(signal_to_save(job.tree(), kTree, SIGUSR1)), 4);
  EXPECT_TRUE(eventually([&] { return job.board().stops_seen == 4; }));
  for (const pid_t pid : job.board().all()) EXPECT_TRUE(is_alive(key_of(pid))) << pid;
  EXPECT_EQ(sent(signal_to_save(job.tree(), kMain, SIGUSR1)), 1);
}

TEST(CheckpointSignal, lowtides_own_processes_are_never_asked) {
  const JobForTest job(forking_tree);
  ASSERT_TRUE(is_whole(job));
  JobTree tree = job.tree();
  tree.own.push_back(job.root());
  // What is below one of ours is not the job's: the orphan alone is left.
  EXPECT_EQ(sent(signal_to_save(tree, kTree, SIGUSR1)), 1);
}

TEST(CheckpointSignal, an_orphan_that_nobody_adopted_is_found_by_its_group) {
  const JobForTest job(forking_tree, FreezeWay::cgroup);
  if (job.way() != FreezeWay::cgroup) return;  // it said why
  ASSERT_TRUE(is_whole(job));
  JobTree tree = job.tree();
  tree.adopters.clear();
  EXPECT_EQ(processes_of(tree).size(), 6U);
  tree.cgroup.clear();
  EXPECT_EQ(processes_of(tree).size(), 5U);
}

// Starts programs all the while, as posix_spawn does: with signals blocked until the child has let
// go of its parent's handlers.
int starting_programs(JobBoard& board) {
  ::signal(SIGUSR1, [](int) {});
  sigset_t wish;
  sigemptyset(&wish);
  sigaddset(&wish, SIGUSR1);
  while (!board.end) {
    sigprocmask(SIG_BLOCK, &wish, nullptr);
    const pid_t child = fork();
    if (child == 0) {
      usleep(20'000);
      ::signal(SIGUSR1, SIG_DFL);
      sigprocmask(SIG_UNBLOCK, &wish, nullptr);
      execl("/bin/true", "true", nullptr);
      _exit(0);
    }
    sigprocmask(SIG_UNBLOCK, &wish, nullptr);
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
    }
    ++board.turns[0];
    if (WIFSIGNALED(status)) ++board.hangups;
  }
  return 0;
}

TEST(CheckpointSignal, a_program_that_the_job_is_about_to_start_is_not_killed) {
  const JobForTest job(starting_programs);
  ASSERT_TRUE(eventually([&] { return job.board().turns[0] > 0; }));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sent(signal_to_save(job.tree(), kTree, SIGUSR1)), 1);
  EXPECT_EQ(job.board().hangups, 0);
}

TEST(CheckpointSignal, a_pid_file_names_one_of_the_jobs_processes) {
  const JobForTest job(forking_tree);
  ASSERT_TRUE(is_whole(job));
  const TempFolder folder;
  const CheckpointTarget target{Kind::pid_file, folder.path("pid")};
  const auto trouble = [&] {
    const auto result = signal_to_save(job.tree(), target, SIGUSR1);
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  };
  EXPECT_EQ(trouble().kind, ErrorKind::absent);
  folder.write("pid", "");
  EXPECT_THAT(trouble().line(), HasSubstr("no number"));
  folder.write("pid", std::to_string(getpid()));
  EXPECT_THAT(trouble().line(), HasSubstr("none of this job's"));
  int asked = 0;
  for (const pid_t pid : job.board().all()) {
    folder.write("pid", " " + std::to_string(pid) + "\n");
    asked += sent(signal_to_save(job.tree(), target, SIGUSR1));
  }
  EXPECT_EQ(asked, 4);
  EXPECT_TRUE(eventually([&] { return job.board().stops_seen == 4; }));
}

TEST(CheckpointSignal, a_pid_file_that_is_a_pipe_holds_nothing_up) {
  const JobForTest job(forking_tree);
  const TempFolder folder;
  ASSERT_EQ(mkfifo(folder.path("pid").c_str(), 0600), 0);
  const auto result = signal_to_save(job.tree(), {Kind::pid_file, folder.path("pid")}, SIGUSR1);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().line(), HasSubstr("no plain file"));
}

TEST(CheckpointSignal, a_job_that_has_ended_is_not_asked_nor_who_has_its_number) {
  JobTree tree;
  {
    const JobForTest job(forking_tree);
    tree = job.tree();
    JobTree another = tree;
    another.root.start_ticks -= 1;  // an earlier process of that number
    another.adopters.clear();
    for (const CheckpointTarget& target : {kMain, kTree}) {
      const auto result = signal_to_save(another, target, SIGUSR1);
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().kind, ErrorKind::ended);
    }
    EXPECT_EQ(job.board().stops_seen, 0);
  }
  const auto result = signal_to_save(tree, kMain, SIGUSR1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::ended);
  EXPECT_FALSE(catches(tree.root, SIGUSR1));
}

TEST(CheckpointSignal, signals_are_read_as_people_write_them) {
  for (const char* text : {"USR1", "SIGUSR1", "usr1", "sigusr1", "10"}) {
    EXPECT_EQ(parse_signal(text).value_or(0), SIGUSR1) << text;
  }
  EXPECT_EQ(parse_signal("TERM").value_or(0), SIGTERM);
  EXPECT_EQ(parse_signal("INT").value_or(0), SIGINT);
  EXPECT_EQ(parse_signal("RTMIN+3").value_or(0), SIGRTMIN + 3);
  for (const int signal : {SIGUSR1, SIGTERM, SIGHUP, SIGRTMIN, SIGRTMIN + 3, SIGRTMAX}) {
    EXPECT_EQ(parse_signal(signal_name(signal)).value_or(0), signal);
  }
}

TEST(CheckpointSignal, signals_that_cannot_ask_for_it_are_refused) {
  for (const char* text : {"KILL", "9", "STOP", "SIGSTOP", "CHLD", "SEGV", "CONT", "URG", "32",
                           "33", "0", "-1", "65", "", "SIG", "USR3", "RTMIN+99", "RTMIN+", "10 "}) {
    const auto signal = parse_signal(text);
    ASSERT_FALSE(signal) << text;
    EXPECT_EQ(signal.error().kind, ErrorKind::usage) << text;
    EXPECT_FALSE(signal.error().hint.empty()) << text;
  }
}

TEST(CheckpointSignal, targets_are_two_words_or_a_file) {
  EXPECT_EQ(parse_checkpoint_target("main").value_or(kTree), kMain);
  EXPECT_EQ(parse_checkpoint_target("tree").value_or(kMain), kTree);
  EXPECT_EQ(parse_checkpoint_target("/tmp/pid").value_or(kMain),
            (CheckpointTarget{Kind::pid_file, "/tmp/pid"}));
  EXPECT_FALSE(parse_checkpoint_target(""));
}

}  // namespace
}  // namespace lowtide::host
