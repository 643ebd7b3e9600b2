// Runs that all of lowtide left behind: killed, or the machine went down.
//
// A run counts as left behind when it is unfinished, of this machine, and neither its meter nor its
// supervisor lives. Where its job still lives, somebody may take it up (`keep`); where it does not,
// the run is closed as interrupted at the last moment that was recorded.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "record/ledger.h"

namespace lowtide::record {

struct LeftBehind {
  std::vector<std::int64_t> closed;      // now interrupted
  std::vector<std::int64_t> still_alive; // keys of runs whose job lives without a meter
};

// Is there anything to recover? Cheap; for a ledger opened to read.
[[nodiscard]] Result<bool> any_left_behind(Ledger& ledger);
// Closes what is dead.
[[nodiscard]] Result<LeftBehind> recover(Ledger& ledger);

}  // namespace lowtide::record
