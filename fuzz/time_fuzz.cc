// Any bytes as a time and as a duration: an error or a value that is written and read back the
// same, never a crash and never a negative length.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/time.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto utc = lowtide::parse_utc(text)) {
    const auto again = lowtide::parse_utc(lowtide::format_utc(*utc));
    if (!again || *utc - *again >= std::chrono::milliseconds(1) || *utc < *again) std::abort();
    if (!lowtide::Interval{lowtide::slot_begin(*utc), lowtide::slot_end(*utc)}.holds(*utc)) {
      std::abort();
    }
  }
  if (const auto length = lowtide::parse_duration(text)) {
    if (*length < lowtide::Duration::zero()) std::abort();
    if (lowtide::format_duration(*length).empty()) std::abort();
  }
  return 0;
}
