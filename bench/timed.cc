#include "timed.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

extern char** environ;  // NOLINT: POSIX

namespace lowtide::bench {
namespace {

double milliseconds_of(const timeval& t) {
  return 1e3 * static_cast<double>(t.tv_sec) + 1e-3 * static_cast<double>(t.tv_usec);
}

[[noreturn]] void give_up(const std::string& what) {
  fmt::print(stderr, "bench: {}\n", what);
  std::exit(1);
}

}  // namespace

Timed run_timed(const std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  const auto begin = std::chrono::steady_clock::now();
  pid_t pid = 0;
  const int code = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) give_up("cannot run " + command[0]);
  Timed timed;
  rusage use{};
  if (wait4(pid, &timed.status, 0, &use) != pid) give_up("cannot wait for " + command[0]);
  timed.wall_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  timed.cpu_ms = milliseconds_of(use.ru_utime) + milliseconds_of(use.ru_stime);
  return timed;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print_spread(const std::string& name, std::vector<double> values, const char* unit) {
  std::sort(values.begin(), values.end());
  fmt::print("  {:<44} min {:8.3f}  median {:8.3f}  max {:8.3f} {}  ({} times)\n", name,
             values.front(), values[values.size() / 2], values.back(), unit, values.size());
}

void print_ratio(const std::string& name, double value, const std::string& reference,
                 double of_reference, double goal) {
  const double ratio = value / of_reference;
  fmt::print("  {}: {:.2f} times {} (goal: at most {:.2g}: {})\n", name, ratio, reference, goal,
             ratio <= goal ? "met" : "missed");
}

}  // namespace lowtide::bench
