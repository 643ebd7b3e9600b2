#include "app/say.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

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

}  // namespace

void say(const std::string& text) { static_cast<void>(write_all(STDERR_FILENO, text)); }

void warn(const std::string& text) { say("lowtide: warning: " + show::escape(text) + "\n"); }

void complain(const Error& error) { say("lowtide: " + show::escape(error.line()) + "\n"); }

Result<void> write_file(const std::string& path, const std::string& text) {
  const host::UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd || !write_all(fd.get(), text)) {
    return fail(ErrorKind::denied, std::generic_category().message(errno), path,
                "name another file");
  }
  return {};
}

}  // namespace lowtide::app
