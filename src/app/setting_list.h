// The settings there are: what each takes, its default, and which value is in force and why.
// A new one is a row in setting_list.cc, and add_setting() where it is an option too.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "app/settings.h"
#include "base/result.h"

namespace lowtide::app {

struct SettingKind {
  std::string key;
  const char* takes;      // "average or marginal"
  const char* otherwise;  // the default in words
  Result<void> (*check)(const std::string&);
  bool secret = false;  // never shown; taken from a file only where nobody else may read it
};

// Those of `run`, then each provider's (watttime.url, .username, ..).
[[nodiscard]] std::span<const SettingKind> all_settings();
// One of these, or the sources of a zone (sources.average.FR). Nothing: there is none.
[[nodiscard]] std::optional<SettingKind> find_setting(const std::string& key);
// Error usage: there is none of that name; the nearest, and those there are.
[[nodiscard]] Error no_setting(const std::string& key);

struct SettingInForce {
  std::string value;   // the default in words where nobody has set it
  std::string origin;  // "--pue", "LOWTIDE_PUE", "config.toml: pue", "default"
  bool set = false;
  int line = 0;  // of the config; 0: from elsewhere
};
// What is wrong with a value that is passed over goes into settings.warnings(). Error: a flag's.
[[nodiscard]] Result<SettingInForce> in_force(Settings& settings, const SettingKind& kind);

}  // namespace lowtide::app
