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
  plan::OfMean of_mean;                // of these, by
  std::optional<Power> assumed;        // a power that nobody told; absent: it was known
  std::vector<std::string> forbidden;  // hours of the local day, as given
  std::optional<show::ReviewPromise> promise;
};

// The charges of a job of this mean power: those that were planned by an assumed one are put into
// its scale, so that they are the share of the job that they were.
[[nodiscard]] std::optional<plan::Charges> charges_at(const ReviewBasis& basis, Power mean);

// Of the first plan; what that does not say, the act does.
[[nodiscard]] ReviewBasis read_basis(const record::Act& act,
                                     const std::vector<record::KeptPlan>& plans);

}  // namespace lowtide::app
