#include "app/plan_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/plan_advice.h"
#include "app/plan_bounds.h"
#include "app/plan_regions.h"
#include "app/plan_window.h"
#include "plan/policies.h"
#include "plan/profile.h"
#include "series/origin.h"
#include "show/plan_verdict.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

using Series = std::vector<Intensity>;
using plan::Policy;

// Of the exact plan's bits (plan/exact.h): up to 3 for each of window x the lesser of work and
// slack.
constexpr double kMostBits = 7.2e9;

Result<void> check_size(const PlanRequest& request) {
  const auto work = static_cast<double>(request.source.job.work.size());
  const auto slack = static_cast<double>(request.slack / kSlot);
  const double bits = request.charges.min_run > 1 ? 3 : 2;
  if ((work + slack) * (std::min(work, slack) + 1) * bits <= kMostBits) return {};
  return fail(ErrorKind::usage, "the window is too long to plan in 1 GB of memory", "plan",
              "give a shorter --within or --finish-within");
}

// Of one provider, by slot: the window and what was before it.
struct Fetched {
  IntensityUsed used;
  Series window;
  Series before;
};
Result<Fetched> fetch(grid::Provider& provider, Interval window) {
  auto used = provider.fetch({window.begin - kPlanHistory, window.end});
  if (!used) return tl::unexpected(used.error());
  Fetched out;
  out.window = plan::by_slot(used->series, window);
  out.before = plan::by_slot(used->series, {window.begin - kPlanHistory, window.begin});
  std::erase_if(out.before, [](Intensity value) { return !plan::is_known(value); });
  out.used = std::move(*used);
  return out;
}

Series times(Series intensity, double factor) {
  for (Intensity& value : intensity) value *= factor;
  return intensity;
}

bool is_flat(const Series& series) {
  return std::adjacent_find(series.begin(), series.end(), std::not_equal_to<>()) == series.end();
}

// What the best plan saves on this series.
std::optional<double> saving_on(const plan::Problem& problem, const plan::Decision& decision) {
  const plan::Slots& now = decision.of(Policy::now).slots;
  const plan::Slots& best = decision.of(decision.best).slots;
  if (now.empty() || best.empty()) return std::nullopt;
  const Carbon base = cost_of(problem, now).total();
  return base > Carbon{} ? 1 - cost_of(problem, best).total() / base : 0.0;
}
std::optional<bool> is_better(const std::optional<double>& saving) {
  if (!saving) return std::nullopt;
  return *saving > show::kNothing;
}

// The window on the other signal; empty where it is not known.
Series other_window(const PlanRequest& request, show::PlanView& view) {
  if (!request.other) {
    view.sign.other_source = "no series of it is given: --other-signal";
    return {};
  }
  auto fetched = fetch(*request.other, view.window);
  const IntensityUsed& used = request.other->describe();
  view.sign.other_source = used.model.empty() ? used.source : used.model;
  if (fetched && is_flat(fetched->window)) {
    view.sign.other_source += " has one value for the whole window";
    return {};
  }
  if (fetched && check_whole(fetched->window, used, view.window)) return std::move(fetched->window);
  view.sign.other_source += " does not cover the window";
  return {};
}

void add_signs(const PlanRequest& request, const plan::Problem& problem, const Series& other,
               show::PlanView& view) {
  const bool marginal = request.signal == Signal::marginal;
  auto& own = marginal ? view.sign.marginal : view.sign.average;
  auto& second = marginal ? view.sign.average : view.sign.marginal;
  own = is_better(saving_on(problem, view.decision));
  if (other.empty()) return;
  plan::Problem on_other = problem;
  on_other.intensity = other;
  view.sign.other_saving = saving_on(on_other, view.decision);
  second = is_better(view.sign.other_saving);
}

// Instead of the best policy's: the plan that both signals call better, or none.
void choose_agreed(const plan::Problem& problem, std::optional<plan::ParetoPlan> agreed,
                   PlanBounds& bounds, show::PlanView& view) {
  if (!agreed ||
      std::min(agreed->saving_on_marginal, agreed->saving_on_average) <= show::kNothing) {
    view.sign.marginal = view.sign.average = false;
    view.sign.other_saving = 0;
    // As soon as it may: now, where that is not forbidden.
    view.chosen = {};
    view.chosen.runs = runs_of(view, plan::earliest_run(problem).value_or(plan::Slots{}));
    return;
  }
  const auto outcome =
      plan::outcome_of_slots(problem, view.decision, agreed->slots, view.price_per_hour);
  const bool marginal = view.used.signal == Signal::marginal;
  view.sign.marginal = view.sign.average = true;
  view.sign.other_saving = marginal ? agreed->saving_on_average : agreed->saving_on_marginal;
  view.chosen = {runs_of(view, agreed->slots),
                 marginal ? agreed->saving_on_marginal : agreed->saving_on_average,
                 outcome.money_per_tonne, bounds.of(problem, view.decision, outcome)};
  view.agreed = show::AgreedPlan{std::move(*agreed), view.chosen.runs};
}

Result<void> add_agreement(const PlanRequest& request, const plan::Problem& problem,
                           const Series& other, PlanBounds& bounds, show::PlanView& view) {
  view.agree_asked = request.agree;
  if (!request.agree) return {};
  if (other.empty()) {
    return fail(ErrorKind::absent, view.sign.other_source, "--agree both",
                "give a series that covers the window as --other-signal file:PATH");
  }
  plan::Problem on_marginal = problem;
  std::span<const Intensity> average = other;
  if (request.signal == Signal::average) {
    on_marginal.intensity = other;
    average = problem.intensity;
  }
  auto agreement = plan::agree(on_marginal, average, request.pausable);
  if (!agreement) {
    return fail(ErrorKind::no_plan, agreement.error().message, "--agree both");
  }
  for (plan::ParetoPlan& plan : agreement->pareto) {
    auto runs = runs_of(view, plan.slots);
    view.pareto.push_back({std::move(plan), std::move(runs)});
  }
  choose_agreed(problem, std::move(agreement->chosen), bounds, view);
  return {};
}

show::PlanView view_of(PlanRequest& request, Interval window) {
  show::PlanView view;
  view.at = request.at;
  view.window = window;
  view.job = request.source.job;
  view.window_asked = request.window_asked;
  view.forbidden_hours = request.forbidden_asked;
  view.pue = request.pue;
  view.pue_source = request.pue_source;
  view.charges = request.charges;
  view.resume_assumed = request.resume_assumed;
  view.hold_known = request.hold_known;
  view.pausable = request.pausable;
  if (request.price) {
    view.price_per_hour = request.price->per_hour;
    view.currency = request.price->currency;
  }
  return view;
}

// From where on nobody says what comes.
std::string stand_in_text(const IntensityUsed& used, Interval window) {
  Utc from = window.end;
  bool annual = false;
  for (const IntensityPiece& piece : used.series.pieces()) {
    const IntensityKind kind = origin_of(used, piece).kind;
    if (kind <= IntensityKind::forecast || piece.span.meet(window).empty()) continue;
    from = std::min(from, piece.span.begin);
    annual |= kind == IntensityKind::annual;
  }
  const char* what = annual ? "an annual mean" : "a typical year";
  if (from <= window.begin)
    return fmt::format("there is no forecast yet: {} stands for the hours to come", what);
  return fmt::format("no forecast goes beyond {}: {} stands for the hours after it",
                     show::local_time(from).substr(0, 16), what);
}

std::string own_text(Interval learned) {
  return fmt::format("lowtide's own forecast, learned from {:.0f} days up to {}",
                     as_hours(learned.length()) / 24, show::local_time(learned.end).substr(0, 16));
}

void add_notes(const PlanRequest& request, const IntensityUsed& used, show::PlanView& view) {
  view.notes = request.notes;
  if (view.known_by == show::KnownBy::typical) {
    view.notes.push_back(stand_in_text(used, view.window));
  }
  if (has_own_forecast(used, view.window)) {
    view.notes.push_back(own_text(request.provider->learned_from().value_or(Interval{})));
  }
  if (is_flat(view.intensity)) {
    view.notes.emplace_back("the intensity is the same in the whole window: no time is better");
  }
  if (const auto even = view.decision.break_even_resume; even && !std::isfinite(as_joules(*even))) {
    view.notes.emplace_back(
        "pausing pays whatever a resume costs: it goes on in hours of no carbon");
  }
}

}  // namespace

Result<show::PlanView> answer(PlanRequest request, Utc now) {
  if (auto fits = check_size(request); !fits) return tl::unexpected(fits.error());
  show::PlanView view = view_of(request, window_of(request));
  auto fetched = fetch(*request.provider, view.window);
  if (!fetched) return tl::unexpected(fetched.error());
  if (auto whole = check_whole(fetched->window, fetched->used, view.window); !whole) {
    return tl::unexpected(whole.error());
  }
  view.used = fetched->used;
  view.used.series = {};
  view.intensity = fetched->window;
  view.forbidden = forbidden_slots(request, view.window.begin, view.intensity.size());
  // Energy stays IT energy; the PUE goes with the intensity, once.
  const double pue = request.pue.value_or(1);
  const Series priced = times(view.intensity, pue);
  const Series history = times(std::move(fetched->before), pue);
  const plan::Problem problem{priced, view.job.work, view.charges, view.forbidden};
  auto decision =
      plan::decide(problem, {request.pausable, view.price_per_hour, history, request.only});
  if (!decision && decision.error().kind == ErrorKind::absent) {
    return tl::unexpected(no_plan(request, decision.error()));
  }
  if (!decision) return tl::unexpected(decision.error());
  view.decision = std::move(*decision);
  for (const plan::Outcome& out : view.decision.outcomes) {
    view.timed.push_back({runs_of(view, out.slots), std::nullopt});
  }
  PlanBounds bounds(request, fetched->used, view);
  for (const plan::Outcome& out : view.decision.outcomes) {
    view.timed[static_cast<std::size_t>(out.policy)].bounds =
        bounds.of(problem, view.decision, out);
  }
  bounds.describe(view);
  const plan::Outcome& best = view.decision.of(view.decision.best);
  view.chosen = {view.timed_of(best.policy).runs, best.saving_vs_now, best.money_per_tonne,
                 view.timed_of(best.policy).bounds};
  const Series other = times(other_window(request, view), pue);
  add_signs(request, problem, other, view);
  if (auto done = add_agreement(request, problem, other, bounds, view); !done) {
    return tl::unexpected(done.error());
  }
  add_regions(request, problem, view);
  add_notes(request, fetched->used, view);
  advise(request, now, view);
  return view;
}

}  // namespace lowtide::app
