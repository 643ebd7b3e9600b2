#include "app/say.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "host/clock.h"
#include "host/unique_fd.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

bool write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = write(fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

std::optional<Duration> patience;  // NOLINT: one a process; absent: for ever
bool unread = false;               // NOLINT: the last text was not read in time

// The same output, opened once more so as not to wait: a flag on the one that is there would be the
// job's too. None: of a file, which never waits, and of a socket.
host::UniqueFd open_again() {
  struct stat about{};
  const bool may_wait =
      fstat(STDERR_FILENO, &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISCHR(about.st_mode));
  if (!may_wait) return {};
  return host::UniqueFd(open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

bool is_ready(int fd, BootTime by) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(by - host::SystemClock().boot());
  pollfd one{fd, POLLOUT, 0};
  return poll(&one, 1, static_cast<int>(std::max<long long>(0, left.count()))) > 0;
}

}  // namespace

bool say_within(const std::string& text, Duration at_most) {
  const BootTime by = host::SystemClock().boot() + at_most;
  const host::UniqueFd again = open_again();
  const int fd = again ? again.get() : STDERR_FILENO;
  constexpr std::size_t kAtOnce = 512;  // what is ready takes so much (POSIX: PIPE_BUF)
  std::size_t done = 0;
  while (done < text.size() && is_ready(fd, by)) {
    const ssize_t wrote = write(fd, text.data() + done, std::min(kAtOnce, text.size() - done));
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
    if (wrote <= 0 && errno != EAGAIN && errno != EINTR) return false;
  }
  return done == text.size();
}

void wait_for_readers(std::optional<Duration> at_most) {
  patience = at_most;
  unread = false;
}

void say(const std::string& text) {
  if (!patience) return static_cast<void>(write_all(STDERR_FILENO, text));
  unread = !say_within(text, unread ? Duration::zero() : *patience);
}

void warn(const std::string& text) { say("lowtide: warning: " + show::escape(text) + "\n"); }

void warn_of_ledger(const std::optional<Error>& trouble, const std::string& side) {
  if (!trouble) return;
  warn(trouble->line() + (side.empty() ? "; this run is not (or not all) in the ledger"
                                       : "; this run is kept in " + side +
                                             ", and the next lowtide that can write the ledger "
                                             "takes it in"));
}

void complain(const Error& error) { say("lowtide: " + show::escape(error.line()) + "\n"); }

Result<void> write_file(const std::string& path, const std::string& text) {
  const host::UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd || !write_all(fd.get(), text)) {
    return fail(ErrorKind::denied, std::generic_category().message(errno), path,
                "name another file");
  }
  return {};
}

Result<void> replace_file(const std::string& path, const std::string& text) {
  namespace fs = std::filesystem;
  const auto failed = [&](int code) {
    return fail(ErrorKind::denied, std::generic_category().message(code), path,
                "nothing was changed");
  };
  std::error_code code;
  const fs::path target = fs::exists(path, code) ? fs::canonical(path, code) : fs::path(path);
  fs::create_directories(target.parent_path(), code);
  const std::string beside = target.string() + ".new-" + std::to_string(getpid());
  struct stat about{};
  const mode_t mode = stat(target.c_str(), &about) == 0 ? about.st_mode & 07777U : 0600U;
  const host::UniqueFd fd(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return failed(errno);
  const bool done = write_all(fd.get(), text) && fchmod(fd.get(), mode) == 0 &&
                    fsync(fd.get()) == 0 && rename(beside.c_str(), target.c_str()) == 0;
  if (!done) {
    const int why = errno;
    unlink(beside.c_str());
    return failed(why);
  }
  const host::UniqueFd folder(open(target.parent_path().c_str(), O_RDONLY | O_CLOEXEC));
  if (folder) static_cast<void>(fsync(folder.get()));  // the rename itself; not all systems can
  return {};
}

}  // namespace lowtide::app
