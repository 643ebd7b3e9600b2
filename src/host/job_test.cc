#include "host/job.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/cgroup.h"
#include "host/child_for_test.h"
#include "host/clock.h"

namespace lowtide::host {
namespace {

// What a test learns of a job that a child of ours started: the child's memory ends with it.
struct Started {
  Board& board = Board::map();
  int status = kNotReaped;  // as a shell gives it
  std::optional<ErrorKind> refused;
  bool in_cgroup = false;
};

// Starts `command` as a meter would and waits for it, in this process.
Started run_job(const std::vector<std::string>& command,
                std::vector<std::pair<std::string, std::string>> environment = {},
                const std::string& cgroup = {}) {
  Started started;
  started.board.supervisor_pid = getpid();
  const auto job =
      start_job({command, std::move(environment), cgroup}, Inherited::take(), started.board);
  if (!job) {
    started.refused = job.error().kind;
    return started;
  }
  started.in_cgroup = job->in_cgroup;
  for (int i = 0; i < 10'000; ++i) {
    int status = 0;
    rusage use{};
    if (wait4(job->pid, &status, WNOHANG, &use) == job->pid) {
      started.board.note_end(status, use, SystemClock().boot());
      started.status = shell_status(started.board.wait_status);
      return started;
    }
    usleep(2000);
  }
  kill(job->pid, SIGKILL);
  waitpid(job->pid, nullptr, 0);
  return started;
}

Started run_shell(const std::string& script,
                  std::vector<std::pair<std::string, std::string>> environment = {}) {
  return run_job({"/bin/sh", "-c", script}, std::move(environment));
}

TEST(Job, its_status_is_that_of_a_shell) {
  EXPECT_EQ(run_shell("exit 0").status, 0);
  EXPECT_EQ(run_shell("exit 3").status, 3);
  EXPECT_EQ(run_shell("exit 255").status, 255);
  EXPECT_EQ(run_shell("kill -9 $$").status, 128 + SIGKILL);
  EXPECT_EQ(run_shell("kill -TERM $$").status, 128 + SIGTERM);
}

TEST(Job, a_command_that_is_not_there_is_absent_with_its_errno) {
  for (const char* name : {"lowtide-no-such-command", "/no/such/command"}) {
    const Started job = run_job({name});
    EXPECT_EQ(job.refused, ErrorKind::absent);
    EXPECT_EQ(job.board.exec_errno, ENOENT);
    EXPECT_FALSE(job.board.started);
  }
}

TEST(Job, a_file_that_is_no_program_is_denied_with_its_errno) {
  const TempFolder folder;
  const Started job = run_job({folder.write("data", "x")});
  EXPECT_EQ(job.refused, ErrorKind::denied);
  EXPECT_EQ(job.board.exec_errno, EACCES);
  const Started of_folder = run_job({folder.root()});
  EXPECT_EQ(of_folder.refused, ErrorKind::denied);
}

TEST(Job, a_failed_start_leaves_no_process_behind) {
  EXPECT_TRUE(run_job({"lowtide-no-such-command"}).refused);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Job, a_script_without_a_first_line_is_run_by_the_shell_as_execvp_does) {
  const TempFolder folder;
  const std::string script = folder.write("script", "exit 12\n");
  chmod(script.c_str(), 0755);
  EXPECT_EQ(run_job({script}).status, 12);
}

TEST(Job, the_board_has_begin_and_end_in_boot_time_and_the_cpu_time) {
  const SystemClock clock;
  const BootTime before = clock.boot();
  const Started job = run_shell("i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done");
  const BootTime after = clock.boot();
  EXPECT_EQ(job.status, 0);
  EXPECT_TRUE(job.board.started);
  EXPECT_TRUE(job.board.ended);
  EXPECT_GT(job.board.job_pid, 0);
  EXPECT_GE(job.board.begin(), before);
  EXPECT_GT(job.board.end(), job.board.begin());
  EXPECT_LE(job.board.end(), after);
  EXPECT_GT(job.board.reaped_cpu_ns, 0);
  EXPECT_LE(job.board.reaped_cpu_ns, (after - before).count());
}

TEST(Job, it_gets_our_environment_and_what_is_added_replaces_ours) {
  setenv("LOWTIDE_TEST_OURS", "ours", 1);
  setenv("LOWTIDE_TEST_BOTH", "ours", 1);
  setenv("LOWTIDE_TEST_BOTH_TOO", "ours", 1);
  const Started job = run_shell(
      "[ \"$LOWTIDE_TEST_OURS\" = ours ] || exit 1\n"
      "[ \"$LOWTIDE_TEST_BOTH\" = 'a=b c' ] || exit 2\n"
      "[ \"$LOWTIDE_TEST_BOTH_TOO\" = ours ] || exit 3\n"
      "[ \"$LOWTIDE_TEST_NEW\" = new ] || exit 4\n"
      "[ \"$(env | grep -c '^LOWTIDE_TEST_BOTH=')\" = 1 ] || exit 5",
      {{"LOWTIDE_TEST_BOTH", "a=b c"}, {"LOWTIDE_TEST_NEW", "new"}});
  EXPECT_EQ(job.status, 0);
}

TEST(Job, its_arguments_arrive_as_they_are) {
  const TempFolder folder;
  const Started job = run_job({"/bin/sh", "-c", "printf '<%s>' \"$@\" > " + folder.path("out"),
                               "sh", "", "a b", "*", "$HOME", "\xff\n"});
  EXPECT_EQ(job.status, 0);
  EXPECT_EQ(folder.read("out"), "<><a b><*><$HOME><\xff\n>");
}

TEST(Job, what_was_ignored_before_lowtide_is_ignored_in_it_and_nothing_else) {
  Child child([] {
    signal(SIGUSR1, SIG_IGN);
    const Inherited inherited = Inherited::take();
    signal(SIGUSR2, SIG_IGN);  // lowtide's own
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    Board& board = Board::map();
    board.supervisor_pid = getpid();
    const auto job = start_job({{"/bin/sh", "-c", "kill -USR1 $$; kill -USR2 $$; exit 1"}, {}},
                               inherited, board);
    int status = 0;
    if (!job || waitpid(job->pid, &status, 0) != job->pid) return 2;
    return shell_status(status) == 128 + SIGUSR2 ? 0 : 3;
  });
  EXPECT_EQ(child.exit_status(), 0);
}

TEST(Job, begins_in_the_group_that_is_made_for_it) {
  const auto group = make_job_cgroup("job-test");
  ASSERT_TRUE(group) << "the tests run as root: " << group.error().line();
  const TempFolder folder;
  const auto run = [&](const std::vector<std::string>& command) {
    return run_job(command, {{"OUT", folder.path("group")}}, *group);
  };
  const Started fine = run({"/bin/sh", "-c", "cat /proc/self/cgroup > $OUT; exit 3"});
  EXPECT_TRUE(fine.in_cgroup);
  EXPECT_EQ(fine.status, 3);
  EXPECT_TRUE(folder.read("group").find("/lowtide-job-test-") != std::string::npos);
  EXPECT_EQ(run({"/nothing/of/the/kind"}).refused, ErrorKind::absent);
  remove_job_cgroup(*group);
  const Started without = run({"/bin/sh", "-c", "exit 4"});
  EXPECT_FALSE(without.in_cgroup) << "a group that is gone costs no job";
  EXPECT_EQ(without.status, 4);
}

}  // namespace
}  // namespace lowtide::host
