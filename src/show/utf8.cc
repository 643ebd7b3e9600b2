#include "show/utf8.h"

#include <utf8proc.h>

#include <algorithm>

namespace lowtide::show {

CodePoint decode(std::string_view text) {
  utf8proc_int32_t value = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto read = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &value);
  if (read <= 0) return {static_cast<unsigned char>(text.front()), 1, false};
  return {static_cast<std::uint32_t>(value), static_cast<std::size_t>(read), true};
}

bool is_control(std::uint32_t code_point) {
  constexpr std::uint32_t kNonJoiner = 0x200C;  // spelling in Persian, and in Indian scripts
  constexpr std::uint32_t kJoiner = 0x200D;     // there too, and in emoji
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    case UTF8PROC_CATEGORY_CF:
      return code_point != kNonJoiner && code_point != kJoiner;
    default:
      return false;
  }
}

int columns_of(std::uint32_t code_point) {
  const auto c = static_cast<utf8proc_int32_t>(code_point);
  const int width = utf8proc_charwidth(c);
  // A vowel sign that stands beside its letter takes a column; utf8proc counts it as combining.
  const bool beside = utf8proc_category(c) == UTF8PROC_CATEGORY_MC;
  return beside || is_control(code_point) ? std::max(1, width) : width;
}

}  // namespace lowtide::show
