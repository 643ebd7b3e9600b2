// The pieces that Markdown is made of. For show alone.
#pragma once

#include <string>
#include <string_view>

#include "show/cells.h"

namespace lowtide::show {

// Text that is already free of control characters, free of what Markdown or HTML would act on.
[[nodiscard]] std::string markdown_text(std::string_view text);
// Empty without rows.
[[nodiscard]] std::string markdown_table(const Cells& cells);

}  // namespace lowtide::show
