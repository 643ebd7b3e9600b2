#include "show/csv_field.h"

#include "show/text.h"

namespace lowtide::show {

std::string csv_quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string csv_text(const std::string& value) {
  const std::string shown = escape(value);
  // Spreadsheets skip blanks before they look for a formula.
  const std::size_t first = shown.find_first_not_of(' ');
  const bool formula = first != std::string::npos && std::string("=+-@").find(shown[first]) < 4;
  // The wide forms of the same four characters, which some spreadsheets take as well.
  bool wide = false;
  for (const char* sign : {"\uff1d", "\uff0b", "\uff0d", "\uff20"}) {
    wide = wide || (first != std::string::npos && shown.compare(first, 3, sign) == 0);
  }
  return (formula || wide ? "'" : "") + shown;
}

}  // namespace lowtide::show
