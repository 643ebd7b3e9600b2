// Whose a run is: a life or a rank of a record, or a run inside another (docs/adr/0015).
#pragma once

#include <optional>

#include "app/run_request.h"
#include "app/settings.h"
#include "base/result.h"
#include "series/run.h"

namespace lowtide::app {

// By LOWTIDE_RUN_ID: below a process that is metered under that id the run is inside of it, else a
// life of it. An id that cannot be one is a warning.
void find_kin(Settings& settings, RunRecord& record);

// `--continue RUN`: the record, whose name, project, place and intensity are the defaults of
// `flags` and `settings` now. None without the flag, inside of that record, and, with a warning,
// where the ledger is in trouble, which keeps no job from running.
[[nodiscard]] Result<std::optional<RunRecord>> continued(RunFlags& flags, Settings& settings);

// Makes the request a life of it, under its rules of accounting; flags that say otherwise are a
// warning.
void join_record(const RunRecord& first, const RunFlags& flags, Settings& settings,
                 RunRequest& request);

}  // namespace lowtide::app
