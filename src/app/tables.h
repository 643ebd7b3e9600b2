// The tables of share/lowtide that account needs, as values.
#pragma once

#include <optional>
#include <string>

#include "account/derive.h"
#include "app/setting_options.h"
#include "app/settings.h"
#include "base/result.h"

namespace lowtide::app {

// What cannot be read is left out: a missing table costs its lines of the report, not the report.
// Of the equivalents: those of this edition (a year); without one, the newest edition of each.
[[nodiscard]] account::Tables read_tables(const std::string& data_folder,
                                          std::optional<int> edition = {});

// By the setting `equivalents`. A warning about environment or config is said; Error: a flag's.
[[nodiscard]] Result<account::Tables> tables_in_force(const SettingFlags& flags);
[[nodiscard]] Result<std::optional<int>> edition_in_force(Settings& settings);

// Those of data_folder(), read once.
[[nodiscard]] const account::Tables& shipped_tables();

}  // namespace lowtide::app
