// Runs of earlier and other watches of the same subject: who still keeps one, what is left to go on
// with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "record/ledger.h"
#include "record/watch.h"

namespace lowtide::app {

struct WatchRun {
  std::string ledger_path;  // the ledger, or a file of the spool
  record::RunLine line;
  record::Keeper keeper;
  bool kept = false;  // its watch or its guard lives
};

// Newest first. A ledger that cannot be read has none.
[[nodiscard]] std::vector<WatchRun> watches_of(const std::string& subject);

// The runs that this process may go on with, oldest first, claimed for it and open again. Those of
// another boot are not among them: their counters began anew.
[[nodiscard]] std::vector<record::Unfinished> claim_unfinished(const std::string& subject);

// Ends the watch that keeps such a run and waits for it; false when there is none, or when it has
// not ended after 10 s.
[[nodiscard]] bool stop_watch(const WatchRun& run);

}  // namespace lowtide::app
