// What `lowtide --version` says.
#pragma once

#include <string>

namespace lowtide::app {

// Version; schema of ledger and report; build, compiler, libraries; tables with edition and
// licence.
[[nodiscard]] std::string version_text();

}  // namespace lowtide::app
