// `lowtide config`: the settings, the value in force of each and who said so.
// docs/formats/config.md has the JSON (lowtide.config/1).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "show/text.h"

namespace lowtide::show {

struct SettingLine {
  std::string key;
  std::optional<std::string> value;  // absent: nobody has set it
  std::string otherwise;             // the default, in words
  std::string origin;                // "default", "environment", "file"
  std::string where;                 // "LOWTIDE_PUE", "PATH:3"; empty for a default
  std::string takes;                 // "a number from 1 to 10"
};

[[nodiscard]] std::string settings_text(std::span<const SettingLine> settings, const Style& style);
// `file` is the config's path, `warnings` what is off in it or the environment.
[[nodiscard]] std::string settings_json(std::span<const SettingLine> settings,
                                        const std::string& file,
                                        const std::vector<std::string>& warnings);

}  // namespace lowtide::show
