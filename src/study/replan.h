// A job that is planned anew each hour on what is forecast then, against what came. Pure.
//
// The hour's slots of the newest plan are carried out, the rest is thrown away. What a plan is made
// on comes from outside, hour by hour; the plan and its cost are those of plan/. A window is the
// work and its slack, counted from the start; the end is kept whatever is forecast. Slots may be of
// any length that divides an hour: charges are energies.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "plan/problem.h"

namespace lowtide::study {

struct ReplanJob {
  std::size_t work = 0;   // slots, of `per_slot` each
  std::size_t slack = 0;  // slots
  std::size_t every = 1;  // slots of an hour
  Energy per_slot;
  Energy resume;  // per resume
  [[nodiscard]] std::size_t window() const { return work + slack; }
};

// The intensity from this slot of the window to its end, as it is forecast at that slot.
using Said = std::function<std::span<const Intensity>(std::size_t slot)>;

// A way on: the slots of the work that is left, counted from now, and its charges by the forecast.
struct WayOn {
  plan::Slots slots;
  Carbon charges;
};

// An hour's choice: to run on from now to the end, or to go by the plan.
struct Choice {
  std::size_t now = 0;      // slot of the window
  const plan::Slots& done;  // slots of the window that were worked before
  const WayOn& run_on;
  const WayOn& plan;
};

// May the job go by the plan? Empty: always.
using MayShift = std::function<bool(const Choice& choice)>;

// The exact plan, carried out an hour at a time. A slot that is not known: the job runs on.
[[nodiscard]] plan::Slots replan_exact(const ReplanJob& job, const Said& said,
                                       const MayShift& may_shift);
// Flexible start: once begun it runs to its end.
[[nodiscard]] plan::Slots replan_start(const ReplanJob& job, const Said& said,
                                       const MayShift& may_shift);

// What these slots of work cost on the true intensity of the window, charges included.
[[nodiscard]] Carbon cost_on(const ReplanJob& job, std::span<const Intensity> truth,
                             const plan::Slots& slots);

}  // namespace lowtide::study
