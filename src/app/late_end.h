// That a run ended after its deadline, as an event of its record.
#pragma once

#include <string>

#include "act/state.h"
#include "record/acts.h"

namespace lowtide::app {

// Where this transition is such an end. What cannot be kept is in the history all the same.
void keep_late_end(const std::string& run, const act::ActState& state,
                   const record::Transition& transition);

}  // namespace lowtide::app
