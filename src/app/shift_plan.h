// The plans of a run that is moved: the first, by which it is decided whether to shift at all, and
// those that follow from where the job then is.
#pragma once

#include <string>

#include "act/state.h"
#include "app/shift_request.h"
#include "record/acts.h"
#include "show/plan_view.h"

namespace lowtide::app {

struct FirstPlan {
  show::PlanView view;   // as `lowtide plan` shows it
  act::Plan plan;        // what is carried out: its runs, or to run on
  std::string why;       // why it is not shifted; empty: it is
  bool stays = false;    // the gate: it is never shifted
  std::string stand_in;  // why a typical year stands in for a forecast; empty: it does not
  act::Terms terms;
  Duration length{};
  Duration resume_takes{};
  record::KeptPlan kept;
};

// Where no forecast covers the window a typical year stands in, and is said to. Error: what is
// refused (125): usage, no_plan with the earliest end, absent (a source, or with
// --require-forecast a forecast).
[[nodiscard]] Result<FirstPlan> first_plan(const ShiftRequest& request, Utc now);

// From where the job is; kept in the ledger as well. Errors: absent (nothing covers the window).
[[nodiscard]] Result<act::Plan> next_plan(const ShiftRequest& request, const act::ActState& state,
                                          const std::string& run, Utc now);

}  // namespace lowtide::app
