// How long it takes to freeze and to thaw a job of many processes, and how soon a waker thaws it
// once its controller is killed; by signals, and by a cgroup where one may be made.
//
// Usage: freeze_bench [PROCESSES [ROUNDS]]. The job is a tree in which each tenth process has nine
// children; all wait. The reference is a SIGSTOP to each from a list that is known beforehand.
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <string>
#include <vector>

#include "host/cgroup.h"
#include "host/clock.h"
#include "host/freezer.h"
#include "timed.h"

namespace lowtide::bench {
namespace {

constexpr int kMost = 100'000;
struct Pids {
  std::atomic<int> count;
  std::array<pid_t, kMost> each;
};

double ms(Duration length) { return std::chrono::duration<double, std::milli>(length).count(); }

[[noreturn]] void wait_for_ever(Pids& pids) {
  pids.each.at(static_cast<std::size_t>(pids.count++)) = getpid();
  while (true) pause();
}

// The first process of the job, with all others below it.
[[noreturn]] void be_job(Pids& pids, int processes, const std::string& group) {
  if (!group.empty()) std::ofstream(group + "/cgroup.procs") << 0 << std::flush;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int left = processes - 1; left > 0; left -= 10) {
    if (fork() != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 1; i < std::min(left, 10); ++i) {
      if (fork() != 0) continue;
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      wait_for_ever(pids);
    }
    wait_for_ever(pids);
  }
  wait_for_ever(pids);
}

host::ProcessKey key_of(pid_t pid) {
  return {pid, host::process_stat(pid).value_or(host::ProcessStat{}).start_ticks};
}

struct Figures {
  std::vector<double> freeze;
  std::vector<double> thaw;
  std::vector<double> waking;  // from the kill of the controller to the waker's note
};

BootTime boot() { return host::SystemClock().boot(); }

bool freeze_and_thaw(const host::JobTree& job, const std::string& note, Figures& figures) {
  host::Freezer freezer(job, note);
  const auto setup = freezer.prepare(boot() + std::chrono::hours(1));
  auto waker = setup ? host::arm(*setup) : tl::unexpected(setup.error());
  const auto frozen = waker ? freezer.freeze(*waker) : tl::unexpected(waker.error());
  if (!frozen) {
    fmt::print(stderr, "{}\n", frozen.error().line());
    return false;
  }
  figures.freeze.push_back(ms(frozen->took));
  const BootTime begin = boot();
  static_cast<void>(freezer.thaw());
  figures.thaw.push_back(ms(boot() - begin));
  waker->let_go();
  return true;
}

bool wake(const host::JobTree& job, const std::string& note, Figures& figures) {
  const pid_t controller = fork();
  if (controller == 0) {
    host::Freezer freezer(job, note);
    const auto setup = freezer.prepare(boot() + std::chrono::hours(1));
    const auto waker = setup ? host::arm(*setup) : tl::unexpected(setup.error());
    if (!waker || !freezer.freeze(*waker)) _exit(1);
    raise(SIGSTOP);
    _exit(1);
  }
  int status = 0;
  waitpid(controller, &status, WUNTRACED);
  if (!WIFSTOPPED(status)) return false;
  const BootTime killed = boot();
  kill(controller, SIGKILL);
  waitpid(controller, nullptr, 0);
  auto told = host::read_freeze_note(note);
  for (; told && !told->thawed; told = host::read_freeze_note(note)) usleep(1000);
  if (told) figures.waking.push_back(ms(told->thawed->at - killed));
  return told.has_value();
}

double stop_from_list(const Pids& pids) {
  const BootTime begin = boot();
  for (int i = 0; i < pids.count; ++i) kill(pids.each.at(static_cast<std::size_t>(i)), SIGSTOP);
  const Duration took = boot() - begin;
  for (int i = 0; i < pids.count; ++i) kill(pids.each.at(static_cast<std::size_t>(i)), SIGCONT);
  return ms(took);
}

int measure(int processes, int rounds, const std::string& group) {
  void* memory =
      mmap(nullptr, sizeof(Pids), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  Pids& pids = *new (memory) Pids;
  const pid_t root = fork();
  if (root == 0) be_job(pids, processes, group);
  while (pids.count < processes) usleep(1000);
  const std::string note =
      std::filesystem::temp_directory_path() / fmt::format("lowtide-freeze-bench-{}", getpid());
  const host::JobTree job{key_of(root), group, {}, {getpid()}};
  Figures figures;
  std::vector<double> bare;
  bool done = true;
  for (int i = 0; done && i < rounds; ++i) {
    done = freeze_and_thaw(job, note, figures) && wake(job, note, figures);
    bare.push_back(stop_from_list(pids));
  }
  kill(root, SIGKILL);
  waitpid(root, nullptr, 0);
  std::filesystem::remove(note);
  if (!done) return 1;
  fmt::print("{} processes, by {}\n", processes, group.empty() ? "signals" : "cgroup");
  print_spread("freeze", figures.freeze, "ms");
  print_spread("thaw", figures.thaw, "ms");
  print_spread("from the controller's death to thawed", figures.waking, "ms");
  print_spread("kill() of each of a known list", bare, "ms");
  return 0;
}

}  // namespace
}  // namespace lowtide::bench

int main(int argc, char** argv) {
  const int processes = argc > 1 ? std::atoi(argv[1]) : 1000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 20;
  if (processes < 1 || processes > lowtide::bench::kMost || rounds < 1) {
    fmt::print(stderr, "usage: freeze_bench [PROCESSES [ROUNDS]]\n");
    return 2;
  }
  int status = lowtide::bench::measure(processes, rounds, {});
  const auto group = lowtide::host::make_job_cgroup("freeze-bench");
  if (!group) {
    fmt::print("no group may be made here: {}\n", group.error().line());
    return status;
  }
  status |= lowtide::bench::measure(processes, rounds, *group);
  usleep(200'000);
  lowtide::host::remove_job_cgroup(*group);
  return status;
}
