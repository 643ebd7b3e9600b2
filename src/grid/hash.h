// SHA-256 of a text, as 64 hexadecimal digits: names the series that a figure was made with.
#pragma once

#include <string>
#include <string_view>

namespace lowtide::grid {

[[nodiscard]] std::string sha256_hex(std::string_view text);

}  // namespace lowtide::grid
