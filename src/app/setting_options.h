// Options whose values are settings, which environment and config know too.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

namespace lowtide::app {

using SettingFlags = std::vector<std::pair<std::string, std::string>>;  // key and value, as given

// `into` must live as long as the parser.
inline void add_setting(CLI::App& command, SettingFlags& into, const std::string& key,
                        const std::string& value_name, const std::string& help) {
  command
      .add_option_function<std::string>(
          "--" + key, [&into, key](const std::string& value) { into.emplace_back(key, value); },
          help)
      ->type_name(value_name);
}

// Of every command that shows equivalents.
inline void add_equivalents(CLI::App& command, SettingFlags& into) {
  add_setting(command, into, "equivalents", "EDITION",
              "factors of the equivalents: latest (default) or 2021, the edition of that year");
}

// What run and watch both know: place, intensity, sensors, accounting.
void add_metering_settings(CLI::App& command, SettingFlags& into);

}  // namespace lowtide::app
