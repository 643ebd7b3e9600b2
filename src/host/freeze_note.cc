#include "host/freeze_note.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <sstream>
#include <string_view>
#include <system_error>

#include "host/files.h"

namespace lowtide::host {
namespace {

constexpr std::string_view kHead = "lowtide.frozen/1 ";
constexpr std::string_view kStopped = "stopped ";
constexpr std::string_view kFreezing = "freezing ";
constexpr std::string_view kCgroup = "\ncgroup ";
constexpr std::array<std::string_view, 5> kCauses{"asked", "failed", "controller-ended",
                                                  "time-reached", "found-frozen"};

// A line in the making, without the heap.
class Line {
 public:
  Line& add(std::string_view text) {
    const std::size_t fits = std::min(text.size(), room());
    at_ = std::copy_n(text.begin(), fits, at_);
    return *this;
  }
  Line& add(std::int64_t number) {
    at_ = std::to_chars(at_, at_ + room(), number).ptr;
    return *this;
  }
  // In one write, so that it is there whole or not at all.
  [[nodiscard]] bool append_to(int file) {
    add("\n");
    const std::size_t length = text_.size() - room();
    ssize_t done = -1;
    do {
      done = ::write(file, text_.data(), length);
    } while (done < 0 && errno == EINTR);
    return done == static_cast<ssize_t>(length);
  }

 private:
  [[nodiscard]] std::size_t room() const {
    return static_cast<std::size_t>(text_.data() + text_.size() - at_);
  }
  std::array<char, 128> text_{};
  char* at_ = text_.data();
};

std::int64_t boot_now_ns() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

bool note_process(int note, std::string_view word, ProcessKey process) {
  return Line().add(word).add(process.pid).add(" ").add(process.start_ticks).append_to(note);
}

// The whole of an open file, as it is now.
class Mapped {
 public:
  explicit Mapped(int file) {
    struct stat about{};
    if (fstat(file, &about) != 0 || about.st_size == 0) return;
    size_ = static_cast<std::size_t>(about.st_size);
    memory_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() {
    if (memory_ != MAP_FAILED) munmap(memory_, size_);
  }
  [[nodiscard]] std::string_view text() const {
    return memory_ == MAP_FAILED ? std::string_view()
                                 : std::string_view(static_cast<const char*>(memory_), size_);
  }

 private:
  void* memory_ = MAP_FAILED;
  std::size_t size_ = 0;
};

void note_thaw(int note, std::string_view word, ThawCause cause) {
  const std::string_view why = kCauses.at(static_cast<std::size_t>(cause));
  static_cast<void>(Line().add(word).add(why).add(" ").add(boot_now_ns()).append_to(note));
}

std::optional<ProcessKey> key_of(std::string_view words) {
  ProcessKey key;
  const char* const begin = words.data();
  const char* const stop = begin + words.size();
  const auto pid = std::from_chars(begin, stop, key.pid);
  if (pid.ec != std::errc() || pid.ptr == stop || key.pid <= 1) return std::nullopt;
  if (std::from_chars(pid.ptr + 1, stop, key.start_ticks).ec != std::errc()) return std::nullopt;
  return key;
}

bool thaw_group(std::string_view folder) {
  std::array<char, PATH_MAX> path{};
  constexpr std::string_view kFile = "/cgroup.freeze";
  if (folder.empty() || folder.size() + kFile.size() >= path.size()) return false;
  char* const end = std::copy(folder.begin(), folder.end(), path.data());
  std::copy(kFile.begin(), kFile.end(), end);
  const UniqueFd file(::open(path.data(), O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), "0", 1) == 1;
}

std::string_view group_in(std::string_view text) {
  const std::size_t at = text.find(kCgroup);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + kCgroup.size());
  return text.substr(0, text.find('\n'));
}

// Those who stopped last go on first; those of an earlier freeze are not looked at.
int continue_backwards(std::string_view text) {
  int count = 0;
  while (!text.empty()) {
    text.remove_suffix(text.ends_with('\n') ? 1 : 0);
    const std::size_t begin = text.rfind('\n') + 1;  // npos + 1 is 0
    const std::string_view line = text.substr(begin);
    if (line.starts_with(kFreezing)) break;
    if (line.starts_with(kStopped)) {
      const auto key = key_of(line.substr(kStopped.size()));
      if (key && signal_process(*key, SIGCONT) == 0) ++count;
    }
    text = text.substr(0, begin);
  }
  return count;
}

std::optional<ThawCause> read_cause(std::istringstream& words) {
  std::string cause;
  words >> cause;
  const auto* const known = std::find(kCauses.begin(), kCauses.end(), cause);
  if (known == kCauses.end()) return std::nullopt;
  return static_cast<ThawCause>(known - kCauses.begin());
}

BootTime read_time(std::istringstream& words) {
  std::int64_t at = 0;
  words >> at;
  return BootTime(Duration(at));
}

void read_freezing(std::istringstream& words, FreezeNote& note) {
  note.since = read_time(words);
  note.changes.push_back({true, *note.since});
}

void read_thawing(std::istringstream& words, FreezeNote& note) {
  const auto cause = read_cause(words);
  if (cause) note.changes.push_back({false, read_time(words), *cause});
  if (cause == ThawCause::controller_ended || cause == ThawCause::time_reached) {
    note.waker_thaws = true;
  }
}

void read_thawed(std::istringstream& words, FreezeNote& note) {
  const auto cause = read_cause(words);
  if (!cause) return;
  note.thawed = {*cause, read_time(words)};
  note.since.reset();
  note.stopped.clear();
}

void read_waker(ProcessKey process, FreezeNote& note) {
  note.wakers.push_back(process);
  note.waker_thaws = false;
}

void read_stopped(ProcessKey process, FreezeNote& note) {
  note.stopped.push_back(process);
  // A freeze may go on for a moment after the waker's time had come.
  if (note.since || !note.thawed) return;
  note.since = note.thawed->at;
  note.changes.push_back({true, *note.since});
}

void read_line(const std::string& line, FreezeNote& note) {
  std::istringstream words(line);
  std::string kind;
  words >> kind;
  const std::string rest = line.substr(std::min(line.size(), kind.size() + 1));
  const auto key = key_of(rest);
  if (kind == "cgroup") note.cgroup = rest;
  if (kind == "freezing") read_freezing(words, note);
  if (kind == "thawing") read_thawing(words, note);
  if (kind == "thawed") read_thawed(words, note);
  if (!key) return;
  if (kind == "controller") note.controller = *key;
  if (kind == "waker") read_waker(*key, note);
  if (kind == "stopped") read_stopped(*key, note);
}

}  // namespace

std::string to_string(ThawCause cause) {
  return std::string(kCauses.at(static_cast<std::size_t>(cause)));
}

Result<void> begin_freeze_note(const std::string& path, const std::string& cgroup) {
  // Beside it and then in its place: who still holds the old one open keeps it whole.
  const std::string beside = path + ".new";
  const std::string text =
      std::string(kHead) + boot_id() + (cgroup.empty() ? "" : std::string(kCgroup) + cgroup) + "\n";
  const UniqueFd file(
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const bool done =
      file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (done && std::rename(beside.c_str(), path.c_str()) == 0) return {};
  const int code = errno;
  const bool may_not = code == EACCES || code == EPERM || code == EROFS;
  return fail(may_not ? ErrorKind::denied : ErrorKind::temporary,
              "cannot note what is frozen: " + std::generic_category().message(code), path,
              "nothing was frozen");
}

Result<FreezeNote> read_freeze_note(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  std::istringstream lines(*text);
  std::string line;
  std::getline(lines, line);
  if (!line.starts_with(kHead)) return fail(ErrorKind::malformed, "no note of a freeze", path);
  if (line.substr(kHead.size()) != boot_id()) {
    return fail(ErrorKind::absent, "the note is of another boot", path);
  }
  FreezeNote note;
  while (std::getline(lines, line)) read_line(line, note);
  return note;
}

bool stopped_by_freezer(const std::string& path, pid_t pid) {
  if (path.empty()) return false;
  const auto note = read_freeze_note(path);
  if (!note || !note->may_be_frozen() || note->way() != FreezeWay::signals) return false;
  const auto process = process_stat(pid);
  return process && std::any_of(note->stopped.begin(), note->stopped.end(), [&](ProcessKey key) {
           return key.pid == pid && key.start_ticks == process->start_ticks;
         });
}

Result<UniqueFd> open_freeze_note(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  if (file) return file;
  return fail(errno == ENOENT ? ErrorKind::absent : ErrorKind::denied,
              std::generic_category().message(errno), path);
}

bool note_controller(int note, ProcessKey controller) {
  return note_process(note, "controller ", controller);
}

bool note_waker(int note, ProcessKey waker) { return note_process(note, "waker ", waker); }

bool note_freezing(int note) { return Line().add(kFreezing).add(boot_now_ns()).append_to(note); }

bool note_stopped(int note, ProcessKey process) { return note_process(note, kStopped, process); }

int thaw_noted(int note, ThawCause cause) {
  note_thaw(note, "thawing ", cause);
  int count = -1;
  {
    const Mapped file(note);
    const std::string_view group = group_in(file.text());
    if (group.empty() || !thaw_group(group)) count = continue_backwards(file.text());
  }
  note_thaw(note, "thawed ", cause);
  return count;
}

}  // namespace lowtide::host
