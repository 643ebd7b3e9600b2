#include "host/job_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "base/quote.h"
#include "host/files.h"
#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

constexpr std::size_t kTail = std::size_t{64} << 10;  // bytes; what stands before is old

// Blanks, and the zeros of a file that was cut short under its writer.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks(" \t\r\0", 4);
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

std::optional<double> number(std::string_view text) {
  text = trimmed(text);
  double value = 0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

// "3/10".
std::optional<double> ratio(std::string_view text, std::size_t stroke) {
  const auto part = number(text.substr(0, stroke));
  const auto whole = number(text.substr(stroke + 1));
  if (!part || !whole || !(*whole > 0)) return std::nullopt;
  return *part / *whole;
}

std::optional<double> fraction(std::string_view text) {
  if (const std::size_t stroke = text.find('/'); stroke != std::string_view::npos) {
    return ratio(text, stroke);
  }
  if (!text.ends_with('%')) return number(text);
  const auto percent = number(text.substr(0, text.size() - 1));
  return percent ? std::optional(*percent / 100) : std::nullopt;
}

// The last line with something in it, taken off the end.
std::string_view take_last(std::string_view& text) {
  while (!text.empty()) {
    const std::size_t end = text.rfind('\n');
    const std::size_t from = end == std::string_view::npos ? 0 : end + 1;
    const std::string_view line = trimmed(text.substr(from));
    text = text.substr(0, end == std::string_view::npos ? 0 : end);
    if (!line.empty()) return line;
  }
  return {};
}

// What tells a file from another, and from itself after it was written to; zeros: there is none.
std::array<std::int64_t, 6> stamp_of(const std::string& path) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0) return {};
  return {static_cast<std::int64_t>(about.st_dev),
          static_cast<std::int64_t>(about.st_ino),
          about.st_size,
          about.st_mtim.tv_sec,
          about.st_mtim.tv_nsec,
          about.st_ctim.tv_nsec};
}

Error not_a_fraction(std::string_view line, const std::string& path) {
  return {ErrorKind::malformed, in_quotes(line) + " is no share of the work", path,
          "it is left out; write a number from 0 to 1, 25% or 3/10"};
}

Progress said_by(std::string_view text, const std::string& path) {
  // Cut in the midst: its first line is a piece.
  if (text.size() >= kTail) text.remove_prefix(std::min(text.find('\n'), text.size()));
  const std::size_t ended = text.rfind('\n');
  if (ended != std::string_view::npos) text = text.substr(0, ended);
  Progress said;
  while (!said.done) {
    const std::string_view line = take_last(text);
    if (line.empty()) break;
    said.done = parse_progress(line);
    if (!said.done && !said.trouble) said.trouble = not_a_fraction(line, path);
  }
  return said;
}

tl::unexpected<Error> not_written(int code, const std::string& path) {
  const bool may_not = code == EACCES || code == EPERM || code == EROFS;
  return fail(may_not ? ErrorKind::denied : ErrorKind::temporary,
              std::generic_category().message(code), path,
              "the job is not told by this file that it shall pause");
}

}  // namespace

std::optional<double> parse_progress(std::string_view line) {
  const auto done = fraction(trimmed(line));
  if (!done || !(*done >= 0 && *done <= 1)) return std::nullopt;  // no number, too
  return done;
}

Progress ProgressFile::look() {
  // Before it is read: what is written meanwhile is new at the next look, too.
  const auto stamp = stamp_of(path_);
  const auto text = read_tail(path_, kTail);
  Progress said;
  if (text) {
    said = said_by(*text, path_);
  } else if (text.error().kind != ErrorKind::absent) {
    said.trouble = text.error();
  }
  said.anew = std::exchange(stamp_, stamp) != stamp;
  if (said.trouble && std::exchange(complained_, true)) said.trouble.reset();
  return said;
}

Result<void> write_control(const std::string& path, Wish wish, std::optional<Utc> until) {
  std::string text = wish == Wish::run ? "run\n" : "pause\n";
  if (wish == Wish::pause && until) text += format_utc(*until) + "\n";
  struct stat about{};
  if (lstat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) {
    return fail(ErrorKind::denied, "this is no file that could be replaced", path,
                "remove it: the job is told there when it shall pause");
  }
  const std::string beside = path + ".new-" + std::to_string(getpid());
  unlink(beside.c_str());  // of a process that was killed here, with the same id
  const UniqueFd fd(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return not_written(errno, path);
  errno = ENOSPC;  // what it means when not all is taken
  const bool whole = write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (whole && rename(beside.c_str(), path.c_str()) == 0) return {};
  const int code = errno;
  unlink(beside.c_str());
  return not_written(code, path);
}

}  // namespace lowtide::host
