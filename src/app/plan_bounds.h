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
  // Puts into `view` by what the window is known, its bounds' basis and note.
  PlanBounds(const PlanRequest& request, const IntensityUsed& used, show::PlanView& view);

  // Of a saving against now, a fraction; absent: not known, or there is none.
  [[nodiscard]] std::optional<show::SavingBounds> of(const plan::Problem& problem,
                                                     const plan::Decision& decision,
                                                     const plan::Outcome& outcome) const;

 private:
  void by_typical_year(show::PlanView& view);
  void by_forecast(const PlanRequest& request, show::PlanView& view);

  std::optional<grid::TypicalSavings> typical_;
  std::vector<plan::Off> off_;  // with PUE
};

}  // namespace lowtide::app
