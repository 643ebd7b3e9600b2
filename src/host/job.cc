#include "host/job.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <new>
#include <system_error>

#include "host/unique_fd.h"

extern char** environ;  // NOLINT: POSIX

namespace lowtide::host {
namespace {

std::int64_t boot_now_ns() {  // async-signal-safe
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

Duration cpu_of(const rusage& use) {
  const auto length = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return length(use.ru_utime) + length(use.ru_stime);
}

// Our environment with `added` in front of it and without what it replaces.
std::vector<std::string> merged_environment(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> merged;
  for (const auto& [key, value] : added) merged.emplace_back(key).append("=").append(value);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    bool replaced = false;
    for (const auto& [key, value] : added) {
      const bool same =
          text.starts_with(key) && text.size() > key.size() && text[key.size()] == '=';
      replaced = replaced || same;
    }
    if (!replaced) merged.push_back(text);
  }
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

ErrorKind kind_of(int code) {
  if (code == ENOENT || code == ENOTDIR) return ErrorKind::absent;
  return code == EAGAIN || code == ENOMEM ? ErrorKind::temporary : ErrorKind::denied;
}

// A child that begins in the group; -1 where the kernel (before 5.7) or the group will not have it.
// Only the kernel can put it there for nothing: a process that moves makes the kernel wait for all
// CPUs, 20 ms when nothing has moved for a while. A copy, since the C library has no vfork of it.
pid_t fork_into(const std::string& group) {
  const UniqueFd folder(::open(group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return -1;
  clone_args how{};
  how.flags = CLONE_INTO_CGROUP;
  how.exit_signal = SIGCHLD;
  how.cgroup = static_cast<std::uint64_t>(folder.get());
  return static_cast<pid_t>(syscall(SYS_clone3, &how, sizeof how));
}

// Becomes the job. Only async-signal-safe calls, and nothing of the meter's is changed: until exec
// this may be the meter's own memory (vfork).
[[noreturn]] void become_job(char* const* argv, char* const* envp, const Inherited& inherited,
                             Board& board) {
  board.job_pid = getpid();
  setpgid(0, getpgid(board.supervisor_pid));
  inherited.restore_signals();
  board.begin_boot_ns = boot_now_ns();
  execvpe(argv[0], argv, envp);
  board.exec_errno = errno;
  _exit(errno == ENOENT ? 127 : 126);
}

}  // namespace

Board& Board::map() {
  void* memory =
      mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    // Without shared memory the meter's death would lose the job: a plain page keeps one process
    // going, and only a machine out of memory comes here.
    return *new Board;
  }
  return *new (memory) Board;
}

void Board::add_cpu(const rusage& use) { reaped_cpu_ns += cpu_of(use).count(); }

void Board::begin_life(int number) {
  for (std::atomic<int>* value : {&job_pid, &exec_errno, &wait_status, &meter_pid}) *value = 0;
  for (std::atomic<bool>* value : {&started, &ended, &status_unknown}) *value = false;
  for (std::atomic<std::int64_t>* value :
       {&begin_boot_ns, &end_boot_ns, &reaped_cpu_ns, &run_key}) {
    *value = 0;
  }
  life = number;
}

void Board::note_end(int status, const rusage& use, BootTime at) {
  add_cpu(use);
  wait_status = status;
  end_boot_ns = at.time_since_epoch().count();
  ended = true;
}

int shell_status(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

Result<StartedJob> start_job(const JobSpec& spec, const Inherited& inherited, Board& board) {
  std::vector<std::string> words = spec.command;
  std::vector<std::string> variables = merged_environment(spec.environment);
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(variables);
  std::array<int, 2> ends{};
  // The write end closes at exec: its end of file says that the job has begun.
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorKind::temporary, std::generic_category().message(errno), "pipe");
  }
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  StartedJob job;
  if (!spec.cgroup.empty()) {
    job.pid = fork_into(spec.cgroup);
    job.in_cgroup = job.pid > 0;
    if (job.pid == 0) become_job(argv.data(), envp.data(), inherited, board);
  }
  // vfork: a fork would copy the meter's page tables, and each page that it then writes to
  // (docs/performance.md). The kernel gives the child signal dispositions and a mask of its own.
  // NOLINTNEXTLINE(bugprone-unsafe-functions): posix_spawn cannot set the mark
  if (!job.in_cgroup) job.pid = vfork();
  if (job.pid < 0) {
    return fail(ErrorKind::temporary, std::generic_category().message(errno), "fork");
  }
  if (job.pid == 0) become_job(argv.data(), envp.data(), inherited, board);
  writer.reset();
  char byte = 0;
  while (::read(reader.get(), &byte, 1) < 0 && errno == EINTR) {
  }
  if (board.exec_errno != 0) {
    waitpid(job.pid, nullptr, 0);
    return fail(kind_of(board.exec_errno), std::generic_category().message(board.exec_errno),
                spec.command.front());
  }
  board.job_pid = job.pid;
  board.started = true;
  return job;
}

}  // namespace lowtide::host
