// What a plan's saving may come to: by other years where it rests on a typical one, by the errors
// of earlier forecasts where it rests on a forecast.
#pragma once

#include <optional>
#include <vector>

#include "app/plan_request.h"
#include "grid/typical_error.h"
#include "plan/gate.h"
#include "show/plan_view.h"

namespace lowtide::app {

class PlanBounds {
 public:
  // Puts into `view` by what the window is known.
  PlanBounds(const PlanRequest& request, const IntensityUsed& used, show::PlanView& view);

  // Of a saving against now, a fraction; absent: not known, or there is none.
  [[nodiscard]] std::optional<show::SavingBounds> of(const plan::Problem& problem,
                                                     const plan::Decision& decision,
                                                     const plan::Outcome& outcome);

  // Into `view`, after all of them: what they are made of, or why there are none.
  void describe(show::PlanView& view) const;

 private:
  std::optional<grid::TypicalSavings> typical_;
  std::string no_typical_;      // why there are none
  std::vector<plan::Off> off_;  // with PUE
  std::size_t windows_ = 0;     // of them, those that counted
};

}  // namespace lowtide::app
