#include "host/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "host/files.h"
#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

Duration from_ticks(std::int64_t ticks) {
  static const std::int64_t per_second = sysconf(_SC_CLK_TCK);
  return Duration(ticks * (1'000'000'000 / per_second));
}

void append_pids(std::string_view text, std::vector<pid_t>& pids) {
  const char* at = text.data();
  const char* const stop = at + text.size();
  while (at < stop) {
    pid_t pid = 0;
    const auto [next, code] = std::from_chars(at, stop, pid);
    if (code == std::errc()) pids.push_back(pid);
    at = std::max(next, at) + 1;
  }
}

// Calls `each` with every name in the folder that is a number.
template <typename Each>
void for_each_number(const std::string& path, Each each) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), &closedir);
  if (!folder) return;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is ours alone
  while (const dirent* entry = readdir(folder.get())) {
    std::vector<pid_t> number;
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') append_pids(entry->d_name, number);
    if (!number.empty()) each(number.front());
  }
}

// "/proc/PID/stat" or that of a thread, without the heap: this is used between fork and exec too.
class StatPath {
 public:
  explicit StatPath(pid_t pid) {
    add("/proc/");
    add(pid);
    add("/stat");
  }
  StatPath(pid_t pid, pid_t thread) {
    add("/proc/");
    add(pid);
    add("/task/");
    add(thread);
    add("/stat");
  }
  [[nodiscard]] const char* get() const { return text_.data(); }

 private:
  void add(std::string_view text) { at_ = std::copy(text.begin(), text.end(), at_); }
  void add(pid_t number) { at_ = std::to_chars(at_, text_.data() + text_.size(), number).ptr; }

  std::array<char, 64> text_{};
  char* at_ = text_.data();
};

std::optional<ProcessStat> parse_stat(std::string_view text) {
  // The name stands in brackets and may hold anything, brackets too: fields follow the last one.
  const std::size_t bracket = text.rfind(')');
  if (bracket == std::string_view::npos || bracket + 4 >= text.size()) return std::nullopt;
  ProcessStat stat;
  stat.state = text[bracket + 2];
  std::array<std::int64_t, 20> fields{};  // fields 4.. of proc(5)
  const char* at = text.data() + bracket + 4;
  const char* const stop = text.data() + text.size();
  for (auto& field : fields) {
    const auto [next, code] = std::from_chars(at, stop, field);
    if (code != std::errc()) return std::nullopt;
    at = next + 1;
  }
  stat.parent = static_cast<pid_t>(fields[0]);
  stat.group = static_cast<pid_t>(fields[1]);
  stat.session = static_cast<pid_t>(fields[2]);
  stat.cpu = from_ticks(fields[10] + fields[11]);
  stat.reaped_cpu = from_ticks(fields[12] + fields[13]);
  stat.threads = fields[16];
  stat.start_ticks = fields[18];
  return stat;
}

std::optional<ProcessStat> read_stat(const StatPath& path) {
  const UniqueFd fd(::open(path.get(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::array<char, 2048> text;  // NOLINT: filled by read(); 52 numbers and a name of 64 at most
  const ssize_t got = ::read(fd.get(), text.data(), text.size());
  if (got <= 0) return std::nullopt;
  return parse_stat({text.data(), static_cast<std::size_t>(got)});
}

}  // namespace

std::optional<ProcessStat> process_stat(pid_t pid) { return read_stat(StatPath(pid)); }

bool ties_its_group(const ProcessStat& member) {
  const auto parent = process_stat(member.parent);
  return parent && parent->session == member.session && parent->group != member.group;
}

bool all_threads_stopped(pid_t pid) {
  bool stopped = true;
  for_each_number("/proc/" + std::to_string(pid) + "/task", [&](pid_t thread) {
    const auto stat = read_stat(StatPath(pid, thread));
    stopped = stopped && (!stat || std::string_view("TtZX").find(stat->state) < 4);
  });
  return stopped;
}

int signal_process(ProcessKey process, int signal) {
  const UniqueFd same(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
  if (!same) return errno;
  // Looked at after it was opened: what is open now is what the key names, or already gone.
  const auto stat = process_stat(process.pid);
  if (!stat || stat->start_ticks != process.start_ticks) return ESRCH;
  return syscall(SYS_pidfd_send_signal, same.get(), signal, nullptr, 0) == 0 ? 0 : errno;
}

bool is_alive(pid_t pid, std::int64_t start_ticks) {
  const auto stat = process_stat(pid);
  return stat && stat->start_ticks == start_ticks && !stat->has_ended();
}

bool wait_while_alive(pid_t pid, std::int64_t start_ticks, Duration at_most) {
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!is_alive(pid, start_ticks) || !process) return false;
  pollfd ended{process.get(), POLLIN, 0};
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at_most).count();
  return poll(&ended, 1, static_cast<int>(ms)) == 0;
}

namespace {

// Those whose parent is the first thread: all, when no other thread starts processes.
std::vector<pid_t> children_of_first_thread(pid_t pid) {
  std::vector<pid_t> pids;
  const std::string own = std::to_string(pid);
  const auto text = read_file("/proc/" + own + "/task/" + own + "/children");
  if (text) append_pids(*text, pids);
  return pids;
}

std::unordered_multimap<pid_t, pid_t> scan_by_parent() {
  std::unordered_multimap<pid_t, pid_t> children;
  for_each_number("/proc", [&](pid_t pid) {
    if (const auto stat = process_stat(pid)) children.emplace(stat->parent, pid);
  });
  return children;
}

}  // namespace

bool lists_children() {
  static const bool listed = access("/proc/thread-self/children", R_OK) == 0;
  return listed;
}

std::vector<pid_t> children_of(pid_t pid) {
  if (!lists_children()) return Families(false).children_of(pid, 0);
  std::vector<pid_t> pids;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for_each_number(tasks, [&](pid_t thread) {
    if (const auto text = read_file(tasks + "/" + std::to_string(thread) + "/children")) {
      append_pids(*text, pids);
    }
  });
  return pids;
}

Families::Families(bool listed) {
  if (!listed) scanned_ = scan_by_parent();
}

std::vector<pid_t> Families::children_of(pid_t pid, std::int64_t threads) const {
  if (!scanned_) return threads == 1 ? children_of_first_thread(pid) : host::children_of(pid);
  std::vector<pid_t> pids;
  const auto [first, last] = scanned_->equal_range(pid);
  for (auto entry = first; entry != last; ++entry) pids.push_back(entry->second);
  return pids;
}

Duration tree_cpu_by_scan(pid_t root, std::span<const pid_t> excluded) {
  const Families families(false);
  Duration sum{};
  std::vector<pid_t> open{root};
  for (std::size_t i = 0; i < open.size(); ++i) {
    const bool counts = std::find(excluded.begin(), excluded.end(), open[i]) == excluded.end();
    if (const auto stat = counts ? process_stat(open[i]) : std::nullopt) {
      sum += stat->cpu + stat->reaped_cpu;
    }
    const auto children = families.children_of(open[i], 0);
    open.insert(open.end(), children.begin(), children.end());
  }
  return sum;
}

Duration tree_cpu(pid_t root, std::span<const pid_t> excluded) {
  if (!lists_children()) return tree_cpu_by_scan(root, excluded);
  Duration sum{};
  std::vector<pid_t> open{root};
  // A bound, in case /proc changes under the walk so that it would not end.
  for (std::size_t i = 0; i < open.size() && i < 100'000; ++i) {
    const pid_t pid = open[i];
    // lowtide's own processes start others from their first thread only, orphans come to it.
    bool one_thread = true;
    if (std::find(excluded.begin(), excluded.end(), pid) == excluded.end()) {
      const auto stat = process_stat(pid);
      if (stat) sum += stat->cpu + stat->reaped_cpu;
      one_thread = stat && stat->threads == 1;
    }
    const auto children = one_thread ? children_of_first_thread(pid) : children_of(pid);
    open.insert(open.end(), children.begin(), children.end());
  }
  return sum;
}

bool descends_from(pid_t pid, std::span<const pid_t> roots) {
  for (int depth = 0; depth < 1000 && pid > 1; ++depth) {
    if (std::find(roots.begin(), roots.end(), pid) != roots.end()) return true;
    const auto stat = process_stat(pid);
    if (!stat) return false;
    pid = stat->parent;
  }
  return false;
}

std::string boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id");
  if (!text) return {};
  return text->substr(0, text->find('\n'));
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

}  // namespace lowtide::host
