#include "act/run_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "host/files.h"

namespace lowtide::act {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr std::size_t kLongestRest = 4096;  // what is longer is no word of ours

tl::unexpected<Error> of_errno(const std::string& path) {
  const int code = errno;
  const ErrorKind kind =
      code == EACCES || code == EPERM || code == EROFS ? ErrorKind::denied : ErrorKind::temporary;
  return fail(kind, std::generic_category().message(code), path,
              "name another folder with LOWTIDE_HOME");
}

}  // namespace

Result<void> RunFiles::make_folder() const {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code)
    return fail(ErrorKind::denied, code.message(), folder, "name another folder with LOWTIDE_HOME");
  if (chmod(folder.c_str(), 0700) != 0) return of_errno(folder);
  return {};
}

void RunFiles::remove() const {
  for (const char* what : {"ask", "frozen", "progress", "control", "job", "lock"}) {
    unlink(path(what).c_str());
  }
  struct stat out{};
  if (stat(path("out").c_str(), &out) == 0 && out.st_size == 0) unlink(path("out").c_str());
}

Result<RunLock> RunLock::take(const RunFiles& files) {
  const std::string path = files.path("lock");
  RunLock lock;
  lock.file_.reset(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (!lock.file_) return of_errno(path);
  if (flock(lock.file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return of_errno(path);
    return fail(ErrorKind::temporary,
                fmt::format("process {} carries this run's plan out already", holder(files)),
                files.run, "see lowtide status " + files.run);
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(lock.file_.get(), 0) != 0 ||
      pwrite(lock.file_.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return of_errno(path);
  }
  return lock;
}

int RunLock::holder(const RunFiles& files) {
  const std::string path = files.path("lock");
  const host::UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file || flock(file.get(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) return 0;
  return std::atoi(host::read_file(path).value_or("0").c_str());
}

Result<AskPipe> AskPipe::open(const RunFiles& files) {
  const std::string path = files.path("ask");
  if (mkfifo(path.c_str(), kOwnerOnly) != 0 && errno != EEXIST) return of_errno(path);
  AskPipe pipe;
  // Open for writing too: else it reads as ended whenever nobody asks.
  pipe.pipe_.reset(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!pipe.pipe_) return of_errno(path);
  struct stat what{};
  if (fstat(pipe.pipe_.get(), &what) != 0 || !S_ISFIFO(what.st_mode)) {
    return fail(ErrorKind::denied, "is not lowtide's FIFO", path, "remove it");
  }
  return pipe;
}

std::vector<std::string> AskPipe::take() {
  std::array<char, 512> buffer{};
  ssize_t got = 0;
  while ((got = read(pipe_.get(), buffer.data(), buffer.size())) > 0) {
    rest_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  std::vector<std::string> words;
  std::size_t end = 0;
  while ((end = rest_.find('\n')) != std::string::npos) {
    words.push_back(rest_.substr(0, end));
    rest_.erase(0, end + 1);
  }
  if (rest_.size() > kLongestRest) rest_.clear();
  return words;
}

bool ask(const RunFiles& files, const std::string& word) {
  if (RunLock::holder(files) == 0) return false;
  const host::UniqueFd pipe(::open(files.path("ask").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  const std::string line = word + "\n";
  return pipe && write(pipe.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

}  // namespace lowtide::act
