// Any bytes as a counts file: each line is counted, blank or quoted short and printable.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "series/counts.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLongest = 50;  // 40 bytes, quotes and an ellipsis
  const lowtide::Counts counts = lowtide::parse_counts({reinterpret_cast<const char*>(data), size});
  const std::string& quoted = counts.first_ignored;
  const bool sound = (counts.ignored == 0) == quoted.empty() && quoted.size() < kLongest &&
                     !counts.values.contains("") &&
                     std::none_of(
                         quoted.begin(), quoted.end(),
                         [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
  if (!sound) std::abort();
  return 0;
}
