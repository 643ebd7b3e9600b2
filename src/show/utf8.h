// Code points of UTF-8: how many bytes, whether they may be printed, how many columns they take.
//
// By utf8proc's tables of Unicode and not wcwidth(), whose answer hangs on the locale that the
// user's shell happens to have ("C" knows no width of anything outside ASCII).
#pragma once

#include <cstdint>
#include <string_view>

namespace lowtide::show {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

// The first code point of a text that is not empty: shortest forms only, no surrogates. What is not
// valid is one byte long.
[[nodiscard]] CodePoint decode(std::string_view text);
// C0, DEL, C1, ends of line, and what is not seen (marks that turn the direction of text, blanks of
// no width), but for the joiners that spelling needs.
[[nodiscard]] bool is_control(std::uint32_t code_point);
// Of a terminal: 0 for what combines, 2 for wide characters (East Asian Width W and F, emoji).
[[nodiscard]] int columns_of(std::uint32_t code_point);

}  // namespace lowtide::show
