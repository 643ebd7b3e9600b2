// The spool: on a network file system each run is written to a file of its own.
//
// WAL needs memory that all writers share, and locks over a network are slow and sometimes lie, so
// runs on many machines must not write to one database there. Each run's meter is the only writer
// of `spool/ID.db` (a ledger with one run and a rollback journal); who next reads the ledger merges
// the spool into it. A run that still goes on is merged as far as it is, again each time, and
// without its keeper: it stays kept, and is recovered, where it is written. Refused: a rollback
// journal on one shared file (every flush of every machine waits for every other).
// No state; one thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "record/ledger.h"

namespace lowtide::record {

// Where the run with this id is to be written: the ledger itself, or on a network file system (or
// when `always`) its file in the spool beside it. Empty when `ledger_path` is.
[[nodiscard]] std::string ledger_for_run(const std::string& ledger_path, const std::string& id,
                                         bool always);

// The spool's files beside a ledger, by name.
[[nodiscard]] std::vector<std::string> spooled_files(const std::string& ledger_path);

// Takes a file of the spool into the ledger; removes it when its runs have ended. Errors as
// Ledger::open; the file is left as it is then.
[[nodiscard]] Result<void> merge(Ledger& ledger, const std::string& file);

}  // namespace lowtide::record
