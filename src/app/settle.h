// Puts on record what became of a run that no controller looks after any more.
#pragma once

#include <functional>
#include <string>

#include "act/state.h"
#include "base/result.h"
#include "record/acts.h"

namespace lowtide::app {

// The act with its state changed, as it then is on record. A state that cannot be read stays as it
// is, and the run is `otherwise`. Errors: of the ledger.
[[nodiscard]] Result<record::Act> settle(record::Act act,
                                         const std::function<void(act::ActState&)>& change,
                                         record::Standing otherwise, const std::string& why);

// Of the seat (act/seat.h), once nobody carries the run out: the job runs to its end, unmoved, and
// has ended with this status. What cannot be written is said.
void settle_unled(const std::string& run);
void settle_over(const std::string& run, int status);

// A job that was left frozen was let go on by a command that does not carry its plan out: it runs,
// and its state is as it was for who takes it up.
void settle_thawed(const std::string& run);

}  // namespace lowtide::app
