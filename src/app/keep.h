// Taking up runs that lost their meter: the hidden command `lowtide keep KEY`, and who starts it.
#pragma once

#include <cstdint>
#include <string>

#include "host/inherited.h"

namespace lowtide::app {

// Closes the runs whose jobs are dead and starts a keeper for those whose jobs live. Never fails:
// what cannot be done now is done by the next lowtide.
void recover_runs(const std::string& ledger_path);

// The keeper: meters the run's job, which it did not start, until it ends.
[[nodiscard]] int keep_command(std::int64_t key, const host::Inherited& inherited);

}  // namespace lowtide::app
