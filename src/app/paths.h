// Where lowtide's files are: contract section 4. Reads the environment.
#pragma once

#include <optional>
#include <string>

namespace lowtide::app {

[[nodiscard]] std::optional<std::string> environment(const char* name);  // absent when empty too

// LOWTIDE_HOME, else $XDG_DATA_HOME/lowtide, else ~/.local/share/lowtide; empty when there is no
// home at all.
[[nodiscard]] std::string home_folder();
[[nodiscard]] std::string ledger_path();  // empty without a home folder
[[nodiscard]] std::string config_path();  // empty without a home

// share/lowtide of this installation: found from where the binary is; LOWTIDE_SHARE overrides.
[[nodiscard]] std::string data_folder();

}  // namespace lowtide::app
