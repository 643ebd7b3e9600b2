// A value from outside as it stands in a message: in quotes, and short however long it is.
// Control characters are left to the one who prints it (show::escape).
#pragma once

#include <string>
#include <string_view>

namespace lowtide {

inline std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 40;  // bytes
  if (text.size() <= kLongest) return "'" + std::string(text) + "'";
  std::size_t end = kLongest;
  // Not through the middle of a character of UTF-8, which has three further bytes at most.
  const auto inside = [&] { return (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U; };
  while (end > kLongest - 3 && inside()) --end;
  return "'" + std::string(text.substr(0, end)) + "…'";
}

}  // namespace lowtide
