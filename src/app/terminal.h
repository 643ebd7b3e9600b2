// The terminal on stderr: whether it is one, its width, and the live line.
//
// The live line stands one row below the cursor, so the job's own lines are written over nothing;
// it is drawn only while the job's group is in the foreground and the terminal is in its ordinary
// line mode: a full-screen program is never disturbed.
#pragma once

#include <string>

#include "show/text.h"

namespace lowtide::app {

// Colours only on a terminal and without NO_COLOR.
[[nodiscard]] show::Style style_of(int fd);
// A terminal on which something may be drawn: TERM names one, and it is not "dumb".
[[nodiscard]] bool can_draw(int fd);
[[nodiscard]] int rows_of(int fd);  // 24 where it does not say

class LiveLine {
 public:
  // Draws when it may; `foreground_group` is the job's process group.
  void draw(const std::string& line, int foreground_group);
  // Takes the line away, if it stands.
  void erase();
  [[nodiscard]] static bool wanted();  // on stderr

 private:
  bool drawn_ = false;
};

}  // namespace lowtide::app
