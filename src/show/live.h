// The one updating line while the job runs. app writes it with a carriage return before it.
#pragma once

#include <optional>
#include <string>

#include "account/live.h"
#include "show/text.h"

namespace lowtide::show {

// What comes next for a run that a plan moves; empty: none does.
struct Next {
  std::string text = {};
  bool rests = false;  // it waits or is paused: this is what one wants to know
};

// Without newline, of at most columns(style) - 1 columns, so that the cursor never wraps. What does
// not fit is left out from the right, phrase by phrase. What comes next stays: first where the run
// rests, with the figures that are known, else last.
[[nodiscard]] std::string live_line(const account::Live& live, const Style& style,
                                    const Next& next = {});

}  // namespace lowtide::show
