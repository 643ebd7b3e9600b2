#include "app/shift_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "act/learning.h"
#include "act/way_on.h"
#include "app/paths.h"
#include "app/plan_answer.h"
#include "app/plan_window.h"
#include "plan/profile.h"
#include "show/plan_verdict.h"

namespace lowtide::app {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kPastPauses = 20;

// In the units that a review reads.
ordered_json charges_json(const plan::Charges& charges) {
  return {{"resume_j", as_joules(charges.resume)},
          {"pause_j", as_joules(charges.pause)},
          {"restore_slots", charges.restore_slots},
          {"restore_w", as_watts(charges.restore_power)},
          {"min_run", charges.min_run},
          {"min_pause", charges.min_pause},
          {"machine", std::string(spell(charges.machine))},
          {"idle_w", as_watts(charges.idle_power)},
          {"hold_g_per_h", as_grams(charges.hold_per_hour)}};
}

ordered_json basis_of(const IntensityUsed& used, const plan::Charges& charges,
                      const act::Terms& terms) {
  ordered_json basis{{"zone", used.zone},
                     {"signal", std::string(spell(used.signal))},
                     {"source", used.source},
                     {"model", used.model},
                     {"sha256", used.sha256}};
  basis["origins"] = ordered_json::array();
  for (const IntensityOrigin& origin : used.origins) {
    ordered_json one{{"source", origin.source},
                     {"model", origin.model},
                     {"kind", std::string(spell(origin.kind))}};
    one["issued"] = origin.issued ? ordered_json(format_utc(*origin.issued)) : ordered_json();
    basis["origins"].push_back(std::move(one));
  }
  basis["charges"] = charges_json(charges);
  basis["deadline"] = format_utc(terms.deadline);
  basis["manner"] = std::string(spell(terms.manner));
  return basis;
}

// What of the charges goes by a power that nobody told, and that power.
void add_assumed(const plan::OfMean& of_mean, Power mean, ordered_json& charges) {
  charges["assumed_w"] = as_watts(mean);
  charges["of_mean"] = ordered_json::array();
  const std::pair<const char*, bool> all[] = {
      {"resume", of_mean.resume}, {"pause", of_mean.pause}, {"restore", of_mean.restore}};
  for (const auto& [name, is] : all) {
    if (is) charges["of_mean"].push_back(name);
  }
}

const char* why_unsure(const show::PlanView& view) {
  if (!view.chosen.bounds) return "what such a promise is worth is not known";
  switch (view.known_by) {
    case show::KnownBy::typical:
      return "by a typical year, and in other years such a shift did not always pay";
    case show::KnownBy::own_forecast:
    case show::KnownBy::forecast:
      return "by a forecast, and with the errors of earlier ones such a shift did not always pay";
    case show::KnownBy::values:
      break;
  }
  return "what it would take off is less than its bounds";
}

// Why the job is not shifted although there is a plan; empty: it is.
std::string why_not(const show::PlanView& view, bool trust_typical) {
  using show::Verdict;
  const bool gains = view.chosen.saving.value_or(0) > show::kNothing;
  switch (view.verdict) {
    case Verdict::shift:
      return {};
    case Verdict::unsure:
      if (gains && trust_typical) return {};
      return std::string(why_unsure(view)) + " (--trust-typical shifts all the same)";
    case Verdict::too_dear:
      return "the machine would cost too much for what it avoids";
    default:
      return view.agree_asked && !view.agreed ? "the two signals do not agree on a better time"
                                              : "no time in the window is better than now";
  }
}

IntensitySeries series_of(const show::PlanView& view) {
  std::vector<IntensityPiece> pieces;
  Utc begin = view.window.begin;
  for (const Intensity value : view.intensity) {
    if (plan::is_known(value)) pieces.push_back({{begin, begin + kSlot}, value});
    begin += kSlot;
  }
  return IntensitySeries::from(std::move(pieces)).value_or(IntensitySeries());
}

record::KeptPlan kept_of(const FirstPlan& first, const plan::OfMean& of_mean, bool power_assumed,
                         Utc now) {
  const show::PlanView& view = first.view;
  record::KeptPlan kept;
  kept.made = now;
  kept.why = std::string(spell(first.plan.why));
  kept.saving = first.plan.saving;
  kept.runs = first.plan.runs;
  ordered_json basis = basis_of(view.used, view.charges, first.terms);
  if (power_assumed) add_assumed(of_mean, view.job.mean_power(), basis["charges"]);
  basis["pue"] = view.pue.value_or(1);
  if (!view.forbidden_hours.empty()) basis["not"] = view.forbidden_hours;
  basis["gate"] = {{"verdict", std::string(spell(view.verdict))}, {"why_not", first.why}};
  if (view.chosen.bounds) {
    basis["gate"]["low"] = view.chosen.bounds->low;
    basis["gate"]["high"] = view.chosen.bounds->high;
  }
  kept.basis = basis.dump();
  kept.forecast = series_of(view);
  const plan::Outcome& at_once = view.decision.of(plan::Policy::now);
  // Of a power that nobody told the grams say nothing; the share does.
  if (at_once.may_run() && !power_assumed) {
    kept.cost_now = at_once.cost.total();
    kept.cost = at_once.cost.total() * (1 - first.plan.saving);
  }
  return kept;
}

// What earlier pauses of jobs of this name have cost, and this run's own.
act::Expected learnt(const ShiftRequest& request) {
  auto acts = record::Acts::open_to_read(ledger_path());
  if (!acts) return {};
  const auto past = acts->learnt(request.name, spell(request.terms.manner), kPastPauses);
  return past ? act::expected(*past) : act::Expected();
}

// Where nobody says otherwise.
void take_learnt(const ShiftRequest& request, PlanRequest& asked) {
  if (!request.plan.pausable || request.plan.resume_energy || request.plan.restore) return;
  const act::Expected next = learnt(request);
  if (!next.resume_takes) return;
  asked.charges = act::charged(asked.charges, next, asked.source.job.mean_power());
  asked.resume_assumed = false;
  asked.of_mean.resume = asked.of_mean.restore = !next.resume_energy;
  if (next.save_takes) asked.of_mean.pause = true;
  const std::size_t pauses = next.resume_takes->pauses;
  asked.notes.push_back(fmt::format("what a resume costs was measured in {} earlier pause{}",
                                    pauses, pauses == 1 ? "" : "s"));
}

Result<void> check_forecast(const ShiftRequest& request, const show::PlanView& view) {
  if (!request.require_forecast || view.known_by != show::KnownBy::typical) return {};
  return fail(ErrorKind::absent, "no forecast covers the window: a typical year would stand in",
              "--require-forecast",
              "name a source with one (--intensity uk), or fetch it: lowtide grid fetch " +
                  view.used.zone + " --forecast");
}

// The same question to the typical year, which the gate then weighs.
ShiftRequest by_typical(const ShiftRequest& request) {
  ShiftRequest other = request;
  std::erase_if(other.plan.settings, [](const auto& one) { return one.first == "intensity"; });
  other.plan.settings.emplace_back("intensity", "typical");
  return other;
}

// Nothing covers the window, or nobody answers; and something else is asked for than a forecast.
bool may_stand_in(const ShiftRequest& request, const Error& error) {
  return !request.require_forecast &&
         (error.kind == ErrorKind::absent || error.kind == ErrorKind::temporary);
}

Result<FirstPlan> first_plan_on(const ShiftRequest& request, Utc now) {
  auto asked = make_plan_request(request.plan);
  if (!asked) return tl::unexpected(asked.error());
  asked->at = now;
  take_learnt(request, *asked);
  FirstPlan first;
  first.terms = request.terms;
  first.length = asked->source.job.length;
  first.terms.deadline = now + first.length + asked->slack;
  const plan::OfMean of_mean = asked->of_mean;
  auto view = answer(std::move(*asked), now);
  if (!view) return tl::unexpected(view.error());
  first.view = std::move(*view);
  if (auto done = check_forecast(request, first.view); !done) return tl::unexpected(done.error());
  first.resume_takes = slots_long(first.view.charges.restore_slots);
  first.why = why_not(first.view, request.trust_typical);
  first.plan.made = now;
  first.plan.why = act::PlanWhy::no_gain;
  if (first.why.empty()) {
    first.plan.runs = first.view.chosen.runs;
    first.plan.saving = first.view.chosen.saving.value_or(0);
    first.plan.why = act::PlanWhy::cheaper;
  }
  // Hours that change may bring a better time; a doubt does not go away.
  first.stays = !first.why.empty() && first.view.verdict != show::Verdict::run_now;
  first.kept = kept_of(first, of_mean, request.plan.power.has_value(), now);
  return first;
}

Result<act::Plan> next_plan_on(const ShiftRequest& request, const act::ActState& state,
                               const std::string& run, Utc now) {
  auto asked = make_plan_request(request.plan);
  if (!asked) return tl::unexpected(asked.error());
  asked->at = now;
  take_learnt(request, *asked);
  const Utc begin = slot_begin(now);
  const auto slots = std::max<std::int64_t>((state.terms.deadline - begin) / kSlot, 0);
  const Interval window{begin, begin + kSlot * slots};
  // As the first plan does: which of several sources leads hangs on what is asked for.
  auto used = asked->provider->fetch({window.begin - kPlanHistory, window.end});
  if (!used) return tl::unexpected(used.error());
  std::vector<Intensity> intensity = plan::by_slot(used->series, window);
  if (auto whole = check_whole(intensity, *used, window); !whole) {
    return tl::unexpected(whole.error());
  }
  for (Intensity& value : intensity) value *= asked->pue.value_or(1);
  const Energy per_slot = asked->source.job.mean_power() * kSlot;
  const act::Prospect prospect{now, intensity, per_slot, asked->charges,
                               forbidden_slots(*asked, begin, intensity.size())};
  auto plan = act::way_on(state, prospect);
  if (!plan) return plan;
  record::KeptPlan kept{now,
                        std::string(spell(plan->why)),
                        plan->saving,
                        plan->runs,
                        basis_of(*used, asked->charges, state.terms).dump(),
                        {},
                        {},
                        {}};
  if (auto acts = record::Acts::open(ledger_path())) {
    static_cast<void>(acts->add_plan(run, kept));  // the plan holds without its row
  }
  return plan;
}

}  // namespace

Result<FirstPlan> first_plan(const ShiftRequest& request, Utc now) {
  auto plan = first_plan_on(request, now);
  if (plan || !may_stand_in(request, plan.error())) return plan;
  auto other = first_plan_on(by_typical(request), now);
  if (!other) return plan;
  other->view.notes.push_back("no forecast covers the window (" + plan.error().line() +
                              "): a typical year stands in");
  other->stand_in = plan.error().line();
  return other;
}

Result<act::Plan> next_plan(const ShiftRequest& request, const act::ActState& state,
                            const std::string& run, Utc now) {
  auto plan = next_plan_on(request, state, run, now);
  if (plan || !may_stand_in(request, plan.error())) return plan;
  auto other = next_plan_on(by_typical(request), state, run, now);
  return other ? other : plan;
}

}  // namespace lowtide::app
