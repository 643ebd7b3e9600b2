// Single rows that more than one writer of the ledger's file writes. Inside a transaction of
// theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "host/sqlite.h"
#include "series/run.h"

namespace lowtide::record {

// The run's row alone; returns its key. The row of a run that waits and has not begun is taken
// over: its key and the time when it was submitted stay.
[[nodiscard]] Result<std::int64_t> put_run_row(host::Database& database, const RunRecord& run);

// The key of the run with exactly this id.
[[nodiscard]] Result<std::optional<std::int64_t>> run_key(host::Database& database,
                                                          const std::string& id);

}  // namespace lowtide::record
