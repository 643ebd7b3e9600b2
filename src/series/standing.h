// A record that a plan moves, as the plan has it: waiting and paused are states of the record, not
// of a life. Pure.
#pragma once

#include <optional>

#include "series/run.h"

namespace lowtide {

// `state`: waiting, paused or cancelled; absent: what the lives say. Where no life goes on, a
// paused record has no end yet, and the time since its last life is paused time up to `now`. One
// that was cancelled `at_rest`, no life being there, has no exit status: its last life had left to
// pause.
void stand(RunRecord& record, std::optional<RunState> state, Utc now, bool at_rest = false);

}  // namespace lowtide
