#include "app/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "app/paths.h"
#include "app/say.h"

namespace lowtide::app {
namespace {

// Not buffered and in one piece, so that it cannot mix with what the job writes; a terminal that is
// held up (^S) does not hold up who meters.
void write_all(const std::string& text) { static_cast<void>(say_within(text, Duration::zero())); }

bool in_line_mode() {
  termios mode{};
  return tcgetattr(STDERR_FILENO, &mode) == 0 && (mode.c_lflag & ICANON) != 0U;
}

}  // namespace

show::Style style_of(int fd) {
  show::Style style;
  winsize size{};
  const bool terminal = isatty(fd) == 1;
  if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  if (!terminal) style.width = 100;
  style.colour = can_draw(fd) && !environment("NO_COLOR");
  return style;
}

bool can_draw(int fd) {
  const auto kind = environment("TERM");
  return isatty(fd) == 1 && kind && *kind != "dumb";
}

int rows_of(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

bool LiveLine::wanted() { return can_draw(STDERR_FILENO); }

void LiveLine::draw(const std::string& line, int foreground_group) {
  if (tcgetpgrp(STDERR_FILENO) != foreground_group || !in_line_mode()) return;
  // Clear from the cursor on; make sure of a row below (index, then reverse index keep the
  // column); save the cursor, go down, write, restore.
  write_all(
      "\x1b[J\x1b"
      "D\x1bM\x1b"
      "7\x1b[B\r" +
      line +
      "\x1b[K\x1b"
      "8");
  drawn_ = true;
}

void LiveLine::erase() {
  if (!drawn_) return;
  if (in_line_mode()) write_all("\x1b[J");
  drawn_ = false;
}

}  // namespace lowtide::app
