// Fields of CSV (RFC 4180). For show alone.
#pragma once

#include <string>

namespace lowtide::show {

// In quotes where it needs them.
[[nodiscard]] std::string csv_quoted(const std::string& text);
// A text from outside: without control characters, and with an apostrophe in front where a
// spreadsheet would take it for a formula. Not yet quoted.
[[nodiscard]] std::string csv_text(const std::string& value);

}  // namespace lowtide::show
