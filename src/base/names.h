// Names as people type them: in any case, and with a slip. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lowtide {

// Of ASCII.
[[nodiscard]] std::string lower(std::string_view text);

// The closest of `names` to a mistyped one, best first, at most `count`.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view name,
                                                     const std::vector<std::string>& names,
                                                     std::size_t count);

}  // namespace lowtide
