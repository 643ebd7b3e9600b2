#include "host/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

constexpr off_t kReserved = 16 << 20;  // a sparse file of a terabyte must not ask for one

tl::unexpected<Error> file_error(int code, const std::string& path) {
  ErrorKind kind = ErrorKind::temporary;
  if (code == ENOENT || code == ENOTDIR || code == ENODEV || code == EISDIR) {
    kind = ErrorKind::absent;
  }
  if (code == EACCES || code == EPERM) kind = ErrorKind::denied;
  return fail(kind, std::generic_category().message(code), path);
}

// Room for all of a long file at once. What /proc says of its size (0) is no promise.
void reserve(const UniqueFd& fd, std::string& text) {
  struct stat about{};
  if (fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode)) return;
  text.reserve(static_cast<std::size_t>(std::min(about.st_size, kReserved)));
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return file_error(errno, path);
  std::string text;
  std::array<char, 16384> buffer;  // NOLINT: filled by read()
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error(errno, path);
    if (got == 0) return text;
    if (text.empty() && static_cast<std::size_t>(got) == buffer.size()) reserve(fd, text);
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Result<std::string> read_tail(const std::string& path, std::size_t most) {
  // Looked at before it is opened for reading: a pipe would take that for its reader.
  const UniqueFd place(open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat about{};
  if (!place || fstat(place.get(), &about) != 0) return file_error(errno, path);
  if (!S_ISREG(about.st_mode)) return fail(ErrorKind::denied, "this is no plain file", path);
  const std::string same = "/proc/self/fd/" + std::to_string(place.get());
  const UniqueFd fd(open(same.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return file_error(errno, path);
  const auto whole = static_cast<std::size_t>(about.st_size);
  const std::size_t from = whole - std::min(whole, most);
  std::string text(whole - from, '\0');
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t more =
        pread(fd.get(), text.data() + got, text.size() - got, static_cast<off_t>(from + got));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return file_error(errno, path);
    if (more == 0) break;  // it was cut short meanwhile
    got += static_cast<std::size_t>(more);
  }
  text.resize(got);
  return text;
}

Result<std::string> MachineFiles::read(std::string_view path) const {
  return read_file(this->path(path));
}

Result<std::string> MachineFiles::read_line(std::string_view path) const {
  auto text = read(path);
  if (!text) return text;
  std::string line = text->substr(0, text->find('\n'));
  while (!line.empty() && std::strchr(" \t\r", line.back()) != nullptr) line.pop_back();
  return line;
}

Result<long long> MachineFiles::read_integer(std::string_view path) const {
  const auto line = read_line(path);
  if (!line) return tl::unexpected(line.error());
  long long value = 0;
  const auto [stop, code] = std::from_chars(line->data(), line->data() + line->size(), value);
  if (code != std::errc() || stop != line->data() + line->size()) {
    return fail(ErrorKind::malformed, "'" + *line + "' is not a whole number", this->path(path));
  }
  return value;
}

std::vector<std::string> MachineFiles::list(std::string_view path) const {
  std::vector<std::string> names;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(this->path(path), code)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool MachineFiles::exists(std::string_view path) const {
  return access(this->path(path).c_str(), F_OK) == 0;
}

std::string MachineFiles::real(std::string_view path) const {
  const std::string full = this->path(path);
  const std::unique_ptr<char, decltype(&std::free)> resolved(realpath(full.c_str(), nullptr),
                                                             &std::free);
  return resolved ? std::string(resolved.get()) : full;
}

}  // namespace lowtide::host
