// The spool: on a network file system each run is written to a file of its own.
//
// WAL needs memory that all writers share, and locks over a network are slow and sometimes lie, so
// runs on many machines must not write to one database there. Each run's meter is the only writer
// of `spool/ID.db` (a ledger with one run and a rollback journal); who next reads the ledger merges
// the spool into it. A run that still goes on is merged as far as it is, again each time, and
// without its keeper: it stays kept, and is recovered, where it is written. Refused: a rollback
// journal on one shared file (every flush of every machine waits for every other).
//
// Side files. A run that the ledger will not take (disk full, read-only, no ledger any more) is
// kept the same way: in the spool beside the ledger, or where that cannot be had either in folders
// that the caller names. There the file's name begins with a mark of the ledger, so that two
// ledgers of a user do not mix, and a folder that others may write to is neither used nor read. No
// state; one thread.
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

// The files that wait for a ledger, by name: those of the spool beside it, then those in `folders`.
[[nodiscard]] std::vector<std::string> spooled_files(const std::string& ledger_path,
                                                     const std::vector<std::string>& folders = {});

// Where the run with this id may be kept when the ledger will not take it, the best first.
[[nodiscard]] std::vector<std::string> side_files(const std::string& ledger_path,
                                                  const std::string& id,
                                                  const std::vector<std::string>& folders);
// Those of the files that are there, in folders of our own.
[[nodiscard]] std::vector<std::string> existing(const std::vector<std::string>& files);
// Makes the file's folder, if it must, and removes what an earlier try has left in the file's
// place.
[[nodiscard]] Result<void> make_room_for_side(const std::string& file);
// A ledger's file with all that SQLite lays beside it.
void remove_ledger(const std::string& file);

// Takes a file of the spool into the ledger; removes it when its runs have ended. Errors as
// Ledger::open; the file is left as it is then.
[[nodiscard]] Result<void> merge(Ledger& ledger, const std::string& file);

}  // namespace lowtide::record
