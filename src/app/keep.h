// Taking up runs that lost their meter: the hidden command `lowtide keep KEY LEDGER`, and who
// starts it.
#pragma once

#include <cstdint>
#include <string>

#include "host/inherited.h"

namespace lowtide::app {

// Closes the runs whose jobs are dead, starts a keeper for those whose jobs live, and merges the
// spool into the ledger. What cannot be done now is done by the next lowtide; why the spool cannot
// be merged is a warning, since its runs are missing from what is shown.
void recover_runs(const std::string& ledger_path);

// The keeper: meters the run's job, which it did not start, until it ends.
[[nodiscard]] int keep_command(std::int64_t key, const std::string& ledger_path,
                               const host::Inherited& inherited);

}  // namespace lowtide::app
