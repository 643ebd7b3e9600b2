#include "show/utf8.h"

#include <algorithm>
#include <array>
#include <span>

namespace lowtide::show {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

constexpr Range kControl[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x200E, 0x200F},
                              {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}};
// Unicode 15, EastAsianWidth.txt and emoji-data.txt (2022), by blocks.
constexpr Range kCombining[] = {
    {0x300, 0x36F}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}};
constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0xA4CF},  {0xAC00, 0xD7A3},
                           {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},  {0xFF00, 0xFF60},
                           {0x1F300, 0x1FAEF}, {0x20000, 0x3FFFF}};

bool in(std::span<const Range> ranges, std::uint32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return range.first <= c && c <= range.last; });
}

// A form of UTF-8: its lead bytes, and the code points that no shorter form can write.
struct Form {
  unsigned char lead_first;
  unsigned char lead_last;
  std::size_t bytes;
  Range values;
};
constexpr Form kForms[] = {{0x00, 0x7F, 1, {0x00, 0x7F}},
                           {0xC2, 0xDF, 2, {0x80, 0x7FF}},
                           {0xE0, 0xEF, 3, {0x800, 0xFFFF}},
                           {0xF0, 0xF4, 4, {0x10000, 0x10FFFF}}};
constexpr Range kSurrogates = {0xD800, 0xDFFF};

const Form* form_of(unsigned char lead) {
  for (const Form& form : kForms) {
    if (form.lead_first <= lead && lead <= form.lead_last) return &form;
  }
  return nullptr;
}

}  // namespace

CodePoint decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const CodePoint bad{lead, 1, false};
  const Form* form = form_of(lead);
  if (form == nullptr || text.size() < form->bytes) return bad;
  std::uint32_t value = form->bytes == 1 ? lead : lead & (0x7FU >> form->bytes);
  for (const char c : text.substr(1, form->bytes - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) return bad;
    value = (value << 6U) | (byte & 0x3FU);
  }
  const bool allowed = in({&form->values, 1}, value) && !in({&kSurrogates, 1}, value);
  return allowed ? CodePoint{value, form->bytes, true} : bad;
}

bool is_control(std::uint32_t code_point) { return in(kControl, code_point); }

int columns_of(std::uint32_t code_point) {
  if (in(kCombining, code_point)) return 0;
  return in(kWide, code_point) ? 2 : 1;
}

}  // namespace lowtide::show
