// The one updating line while the job runs. app writes it with a carriage return before it.
#pragma once

#include <optional>
#include <string>

#include "account/live.h"
#include "show/text.h"

namespace lowtide::show {

// Without newline, of at most columns(style) - 1 columns, so that the cursor never wraps. What does
// not fit is left out from the right, phrase by phrase.
[[nodiscard]] std::string live_line(const account::Live& live, const Style& style);

}  // namespace lowtide::show
