// config.toml as text: what stands in it and where, and one key changed with all else left as it
// is.
//
// A key in a table goes by its path: `url` of [watttime] is `watttime.url`. An edit touches the
// bytes of one value, or one line: comments, order, blank lines and ends of line stay. What would
// come out is read again before it is written, so a file that these rules do not fit is refused and
// never damaged. Refused: writing the file anew from its parsed form (a serializer keeps no
// comment). Pure functions of text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lowtide::app {

struct ConfigEntry {
  std::string key;                   // the tables it is in go before it: "watttime.url"
  std::optional<std::string> value;  // absent: an empty table, a list, a date
  int line = 0;                      // counts from 1
  bool operator==(const ConfigEntry&) const = default;
};

// In the order of the file. Error malformed (no TOML): `where` is path:line.
[[nodiscard]] Result<std::vector<ConfigEntry>> read_config(std::string_view text,
                                                           const std::string& path);

// The text with this key set, or without it. Errors: malformed as above; usage when the value or
// the place of the key cannot be written (`where` is path:line, or the key).
[[nodiscard]] Result<std::string> edit_config(const std::string& text, const std::string& path,
                                              const std::string& key,
                                              const std::optional<std::string>& value);

}  // namespace lowtide::app
