#include "app/progress_line.h"

#include <unistd.h>

#include "app/say.h"
#include "app/terminal.h"
#include "base/time.h"
#include "show/text.h"

namespace lowtide::app {

ProgressLine::~ProgressLine() {
  if (drawn_) say("\r\x1b[K");
}

void ProgressLine::show(const std::string& line) {
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_ < std::chrono::milliseconds(200) || now - begin_ < std::chrono::seconds(1)) {
    return;
  }
  if (!can_draw(STDERR_FILENO)) return;
  shown_ = now;
  drawn_ = true;
  say("\r" + show::clip(line, show::columns(style_of(STDERR_FILENO)) - 1) + "\x1b[K");
}

std::chrono::nanoseconds ProgressLine::elapsed() const {
  return std::chrono::steady_clock::now() - begin_;
}

std::string ProgressLine::about_left(std::size_t done, std::size_t all) const {
  if (done == 0 || done >= all) return {};
  const auto left =
      elapsed() / static_cast<std::int64_t>(done) * static_cast<std::int64_t>(all - done);
  return ", about " + format_duration(std::chrono::round<std::chrono::seconds>(left)) + " left";
}

}  // namespace lowtide::app
