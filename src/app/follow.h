// `lowtide show RUN --follow`: waits for a run of the ledger to come to its end.
//
// The ledger is opened anew each second, as any command opens it: what all of lowtide left behind
// is closed or taken up again, so a run that nobody keeps any more ends the wait. Time base: UTC.
#pragma once

#include "series/run.h"

namespace lowtide::app {

// Blocks until the run with this id is closed; `run` is then the record, with samples. Draws the
// live line and, where it fits, the chart while stdout is a terminal that can. The exit status: 0,
// 130 after ^C (the run goes on), or that of the error, which was said.
[[nodiscard]] int follow(RunRecord& run);

}  // namespace lowtide::app
