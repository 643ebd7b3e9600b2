#include "app/plan_bounds.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/paths.h"
#include "series/origin.h"
#include "show/plan_verdict.h"

namespace lowtide::app {
namespace {

using plan::Policy;
using show::KnownBy;

KnownBy known_by(const IntensityUsed& used, Interval window) {
  const auto least = least_sure(used, window);
  if (!least || *least < IntensityKind::forecast) return KnownBy::values;
  if (*least > IntensityKind::forecast) return KnownBy::typical;
  return has_own_forecast(used, window) ? KnownBy::own_forecast : KnownBy::forecast;
}

// What came is of hours alone, so the charges, which are sure, go in before it is looked up and
// come off again.
show::SavingBounds in_other_years(const grid::TypicalSavings& savings,
                                  const plan::Decision& decision, const plan::Outcome& out) {
  const plan::Cost& now = decision.of(Policy::now).cost;
  const double charges = (out.cost.charge - now.charge) / now.total();
  const auto range = savings.range(*out.saving_vs_now + charges);
  return {range.low - charges, range.high - charges, range.low - charges};
}

std::string typical_note(const grid::TypicalJudges& by) {
  const auto what = [&](const std::string& where) {
    return fmt::format("what eight of ten such shifts by a typical year came to {} in {}", where,
                       by.years);
  };
  if (by.own) return what("in this zone");
  return "assumed: " + what("in " + by.zones + " zones with a like swing");
}

}  // namespace

PlanBounds::PlanBounds(const PlanRequest& request, const IntensityUsed& used,
                       show::PlanView& view) {
  view.known_by = known_by(used, view.window);
  if (view.known_by == KnownBy::values) return;
  if (view.known_by == KnownBy::typical) {
    auto savings = grid::typical_savings(data_folder(), used.zone);
    if (!savings) no_typical_ = savings.error().line();
    if (savings) typical_ = std::move(*savings);
    return;
  }
  off_ = request.provider->past_errors(used, view.window);
  for (plan::Off& off : off_) {
    for (Intensity& each : off) each *= request.pue.value_or(1);
  }
}

std::optional<show::SavingBounds> PlanBounds::of(const plan::Problem& problem,
                                                 const plan::Decision& decision,
                                                 const plan::Outcome& outcome) {
  if (outcome.saving_vs_now.value_or(0) <= show::kNothing) return std::nullopt;
  if (typical_) return in_other_years(*typical_, decision, outcome);
  const auto range =
      plan::saved_range(problem, decision.of(Policy::now).slots, outcome.slots, off_);
  if (!range) return std::nullopt;
  windows_ = std::max(windows_, range->windows);
  return show::SavingBounds{range->low, range->high, range->gate};
}

void PlanBounds::describe(show::PlanView& view) const {
  using Basis = show::BoundsBasis;
  if (typical_) {
    view.bounds_basis = typical_->judges.own ? Basis::held_out : Basis::pooled;
    view.bounds_note = typical_note(typical_->judges);
  } else if (windows_ > 0) {
    view.bounds_basis = Basis::forecast_errors;
    view.bounds_note = fmt::format(
        "what eight of ten such plans came to, the forecast as wrong as in the last {} windows of "
        "this time of day",
        windows_);
  } else if (view.known_by == KnownBy::typical) {
    view.bounds_note = "not known: " + no_typical_;
  } else if (view.known_by == KnownBy::values) {
    view.bounds_note = "not known: the source does not say how wrong its hours may be";
  } else {
    view.bounds_note = fmt::format(
        "not known: too few forecasts of such windows are behind us to judge by ({} "
        "are the least)",
        plan::kFewestOff);
  }
}

}  // namespace lowtide::app
