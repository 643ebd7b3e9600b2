#include "show/plan_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "show/text.h"

namespace lowtide::show {
namespace {

using plan::Policy;

// "pause twice, ".
std::string pauses_text(std::size_t pauses) {
  if (pauses == 0) return {};
  if (pauses == 1) return "pause once, ";
  return pauses == 2 ? "pause twice, " : fmt::format("pause {} times, ", pauses);
}

std::string course_text(const std::vector<Interval>& runs, Utc from) {
  const bool at_once = runs.front().begin == from;
  return fmt::format("start {}, {}done by {}",
                     at_once ? "now" : "at " + moment_text(runs.front().begin, from),
                     pauses_text(runs.size() - 1), moment_text(runs.back().end, from));
}

// An average says what is attributed, not what is avoided.
std::string effect_text(const PlanView& view, double saving) {
  return less_text(saving) + (view.used.signal == Signal::average ? " attributed" : "");
}

std::string range_text(const SavingBounds& bounds) {
  return fmt::format("{:.0f} to {:.0f} %", bounds.low * 100, bounds.high * 100);
}

bool is_pooled(const PlanView& view) { return view.bounds_basis == BoundsBasis::pooled; }

// "", or what the plan does on the signal that did not decide.
std::string other_text(const PlanView& view) {
  const bool marginal = view.used.signal == Signal::marginal;
  const auto& saving = view.sign.other_saving;
  if (!saving || *saving > kNothing) return {};
  const char* signal = marginal ? "average" : "marginal";
  return *saving < -kNothing ? std::string(", but more on ") + signal
                             : std::string(", but no less on ") + signal;
}

std::string shift_text(const PlanView& view) {
  const ChosenPlan& chosen = view.chosen;
  std::string text = course_text(chosen.runs, view.at);
  if (!chosen.saving) {
    return text + "; running through from now on is forbidden, so nothing is compared";
  }
  text += ": " + effect_text(view, *chosen.saving);
  text += chosen.bounds ? fmt::format(" ({}{})", range_text(*chosen.bounds),
                                      is_pooled(view) ? ", assumed" : "")
                        : " (bounds not known)";
  return text + other_text(view);
}

std::string agreed_text(const PlanView& view) {
  const plan::ParetoPlan& plan = view.agreed->plan;
  return fmt::format("{}: {} on marginal, {} attributed on average",
                     course_text(view.chosen.runs, view.at), less_text(plan.saving_on_marginal),
                     less_text(plan.saving_on_average));
}

std::string disagreed_text(const PlanView& view) {
  const bool any = std::any_of(view.pareto.begin(), view.pareto.end(), [](const AgreedPlan& plan) {
    return std::max(plan.plan.saving_on_marginal, plan.plan.saving_on_average) > kNothing;
  });
  const bool now_may = view.decision.of(Policy::now).may_run();
  return (now_may ? "run now" : course_text(view.chosen.runs, view.at)) +
         (any ? std::string(": what one signal calls better is worse on the other")
              : std::string(": on neither signal is another plan better"));
}

std::string machine_name(std::size_t gpus) {
  if (gpus == 0) return "the machine";
  return gpus == 1 ? "a GPU" : fmt::format("{} GPUs", gpus);
}

std::string dear_text(const PlanView& view) {
  const std::string tonne = fmt::format(
      "{} a tonne, where the highest of the US EPA's estimates of the damage is ${:.0f}",
      money_text(*view.chosen.money_per_tonne, view.currency), kDearestTonne);
  if (view.charges.machine != plan::Machine::held) return "run now: " + tonne;
  return fmt::format(
      "do not hold {} for this: {}; requeue instead "
      "(--machine released), or run now",
      machine_name(view.job.gpus), tonne);
}

// Why a saving is not trusted.
std::string doubt_text(const PlanView& view) {
  if (!view.chosen.bounds) return "what such a promise is worth is not known";
  // An average signal says what is attributed, so nothing is "saved" on it.
  if (view.chosen.bounds->low > 0) {
    return "with one forecast in 25 it would not have paid, by those that are behind us";
  }
  return view.used.signal == Signal::average ? "what shifting takes off is less than its bounds"
                                             : "shifting saves less than its bounds";
}

// ", -5 to 23 % in other years of this zone".
std::string came_text(const PlanView& view) {
  if (!view.chosen.bounds) return {};
  if (view.bounds_basis == BoundsBasis::forecast_errors) {
    return fmt::format(", {} with the errors of earlier forecasts",
                       range_text(*view.chosen.bounds));
  }
  return fmt::format(", {} in other years{}", range_text(*view.chosen.bounds),
                     is_pooled(view) ? " of zones with a like swing: assumed" : " of this zone");
}

std::string unsure_text(const PlanView& view) {
  return fmt::format("run now: {} ({} promised{}); if you trust the hours: {}", doubt_text(view),
                     effect_text(view, *view.chosen.saving), came_text(view),
                     course_text(view.chosen.runs, view.at));
}

}  // namespace

std::string verdict_text(const PlanView& view) {
  if (view.agree_asked && !view.agreed) return disagreed_text(view);
  switch (view.verdict) {
    case Verdict::shift:
      return view.agreed ? agreed_text(view) : shift_text(view);
    case Verdict::unsure:
      return unsure_text(view);
    case Verdict::too_dear:
      return dear_text(view);
    case Verdict::run_now:
      break;
  }
  const plan::Outcome& best = view.decision.of(view.decision.best);
  if (best.policy == Policy::now) return "run now: no allowed plan in the window is better";
  return "run now: the policy that was asked for would be " +
         less_text(best.saving_vs_now.value_or(0));
}

std::string carbon_brief(Carbon carbon) { return text_of(Figure<Carbon>{carbon, {}, {}}).brief(); }

std::string less_text(double saving) {
  const double size = std::abs(saving) * 100;
  if (size < 0.05) return "the same";
  return fmt::format("{:.1f} % {}", size, saving > 0 ? "less" : "more");
}

std::string money_text(double amount, const std::string& currency) {
  const bool small = std::abs(amount) < 100;
  std::string digits =
      small ? fmt::format("{:.2f}", std::abs(amount)) : fmt::format("{:.0f}", std::abs(amount));
  for (std::size_t at = digits.size(); !small && at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return (amount < 0 ? "-" : "") + currency + digits;
}

std::string moment_text(Utc t, Utc from) {
  const std::string text = local_time(t).substr(0, 16);
  const auto day_of = [](Utc time) { return local_time(time).substr(0, 10); };
  if (day_of(t) == day_of(from)) return text.substr(11);
  // The next day of the calendar, however long this one is: the first that begins after it.
  Utc next = from;
  while (day_of(next) == day_of(from)) next += std::chrono::hours(1);
  return day_of(t) == day_of(next) ? text.substr(11) + " tomorrow" : text;
}

}  // namespace lowtide::show
