#include "series/counts.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/quote.h"

namespace lowtide {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || stop != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::string escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte < 0x7F) {
      out += c;
    } else {
      out.append("\\x").append({kDigits[byte / 16U], kDigits[byte % 16U]});
    }
  }
  return out;
}

}  // namespace

Counts parse_counts(std::string_view text) {
  Counts counts;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (trim(line).empty()) continue;
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string_view name = trim(line.substr(0, equals));
    const auto value = read_number(trim(line.substr(std::min(equals + 1, line.size()))));
    if (value && !name.empty()) {
      counts.values[std::string(name)] += *value;
    } else if (counts.ignored++ == 0) {
      // No more than can be shown: the line may be of any length.
      counts.first_ignored = in_quotes(escaped(trim(line).substr(0, 64)));
    }
  }
  return counts;
}

}  // namespace lowtide
