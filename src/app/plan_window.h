// A plan's window in time: which slots it has, which are forbidden or not known, when a plan runs.
#pragma once

#include <vector>

#include "app/plan_request.h"
#include "base/result.h"
#include "show/plan_view.h"

namespace lowtide::app {

[[nodiscard]] inline Duration slots_long(std::size_t count) {
  return kSlot * static_cast<std::int64_t>(count);
}

// Whole slots: that of `at` is the first, and the last ends before the deadline by less than two.
[[nodiscard]] Interval window_of(const PlanRequest& request);

// Error absent: a slot is not known; says from when to when.
[[nodiscard]] Result<void> check_whole(const std::vector<Intensity>& intensity,
                                       const IntensityUsed& used, Interval window);

// The slots of a window from `begin` in which a forbidden hour lies; empty: there are none.
[[nodiscard]] std::vector<bool> forbidden_slots(const PlanRequest& request, Utc begin,
                                                std::size_t count);

// A job that starts in slot 0 starts at `at`; what it misses of that slot comes at its end.
[[nodiscard]] std::vector<Interval> runs_of(const show::PlanView& view, const plan::Slots& chosen);

// Nothing in the window may be carried out, for this reason: with the earliest end that would do.
[[nodiscard]] Error no_plan(const PlanRequest& request, const Error& why);

}  // namespace lowtide::app
