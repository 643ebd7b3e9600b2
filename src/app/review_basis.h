// What a plan was made on, as the ledger keeps it: JSON of whoever made the plan, read with
// patience. A key that is missing, or no such value, is not known.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "act/state.h"
#include "plan/problem.h"
#include "record/acts.h"
#include "show/review_view.h"

namespace lowtide::app {

struct ReviewBasis {
  std::optional<Signal> signal;  // on which it was planned
  std::optional<Utc> deadline;
  act::Manner manner = act::Manner::none;
  std::optional<plan::Charges> charges;
  std::vector<std::string> forbidden;  // hours of the local day, as given
  std::optional<show::ReviewPromise> promise;
};

// Of the first plan; what that does not say, the act does.
[[nodiscard]] ReviewBasis read_basis(const record::Act& act,
                                     const std::vector<record::KeptPlan>& plans);

}  // namespace lowtide::app
