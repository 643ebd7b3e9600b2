// Where lowtide's files are: contract section 4. Reads the environment.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lowtide::app {

[[nodiscard]] std::optional<std::string> environment(const char* name);  // absent when empty too

// LOWTIDE_HOME, else $XDG_DATA_HOME/lowtide, else ~/.local/share/lowtide; empty when there is no
// home at all.
[[nodiscard]] std::string home_folder();
[[nodiscard]] std::string ledger_path();  // empty without a home folder
// Folders of the user's own for runs that the ledger will not take, the best first: in
// $XDG_RUNTIME_DIR, then in $TMPDIR or /tmp. Not made until they are needed (record/spool.h).
[[nodiscard]] std::vector<std::string> side_folders();
[[nodiscard]] std::string config_path();  // empty without a home

// share/lowtide of this installation: found from where the binary is; LOWTIDE_SHARE overrides.
[[nodiscard]] std::string data_folder();

}  // namespace lowtide::app
