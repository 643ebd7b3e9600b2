// What the commands that read the ledger share. Each of them returns its exit status.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "record/ledger.h"
#include "series/run.h"

namespace lowtide::app {

// The ledger for reading, after what was left behind is recovered and the spool merged.
[[nodiscard]] Result<record::Ledger> open_ledger();
// As open_ledger(), to change what is in it.
[[nodiscard]] Result<record::Ledger> open_ledger_to_change();
// RUN of the command line, said to be one of several of that name. A run as it is now: what still
// runs ends at its last reading.
[[nodiscard]] Result<RunRecord> load_run(record::Ledger& ledger, const std::string& wanted,
                                         bool samples);
// The runs that are named, each once, without samples.
[[nodiscard]] Result<std::vector<RunRecord>> load_runs(record::Ledger& ledger,
                                                       const std::vector<std::string>& wanted);
// "projects: a, b", for who has named none of them.
[[nodiscard]] std::string projects_there_are(record::Ledger& ledger);

// Says the error; the exit status for it.
[[nodiscard]] int refuse(const Error& error);
// Prints to stdout, or into the file `out`; - is stdout.
[[nodiscard]] int put(const std::string& text, const std::string& out = {});
// The same; a file is written as a whole or not at all (say.h), a pipe or a device is written to.
[[nodiscard]] int put_whole(const std::string& text, const std::string& out);

}  // namespace lowtide::app
