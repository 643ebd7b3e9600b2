#include "show/plan_json.h"

#include "show/json_values.h"
#include "show/plan_verdict.h"

namespace lowtide::show {
namespace {

Json runs_json(const std::vector<Interval>& runs) {
  Json out = Json::array();
  for (const Interval& run : runs) {
    out.push_back({{"begin", format_utc(run.begin)}, {"end", format_utc(run.end)}});
  }
  return out;
}

// Adds begin, end and runs.
void add_times(const std::vector<Interval>& runs, Json& out) {
  out["begin"] = runs.empty() ? Json(nullptr) : Json(format_utc(runs.front().begin));
  out["end"] = runs.empty() ? Json(nullptr) : Json(format_utc(runs.back().end));
  out["runs"] = runs_json(runs);
}

Json policy_json(const plan::Outcome& outcome, const TimedOutcome& timed) {
  const bool planned = !outcome.slots.empty();
  const auto carbon = [&](Carbon c) { return planned ? in_grams(c) : Json(nullptr); };
  const auto end_of = [&](double SavingBounds::* end) {
    return timed.bounds ? as_number((*timed.bounds).*end * 100) : Json(nullptr);
  };
  Json out = {{"policy", spell(outcome.policy)},
              {"cost_g", carbon(outcome.cost.total())},
              {"job_g", carbon(outcome.cost.job)},
              {"charge_g", carbon(outcome.cost.charge)},
              {"saving_vs_now_pct", in_percent(outcome.saving_vs_now)},
              {"saving_low_pct", end_of(&SavingBounds::low)},
              {"saving_high_pct", end_of(&SavingBounds::high)},
              {"saving_vs_flexible_start_pct", in_percent(outcome.saving_vs_flexible_start)},
              {"resumes", planned ? Json(outcome.cost.resumes) : Json(nullptr)}};
  add_times(timed.runs, out);
  out["cost_money"] = maybe(outcome.extra_money);
  out["cost_per_tonne"] = maybe(outcome.money_per_tonne);
  out["why_not"] = text(outcome.why_not);
  return out;
}

Json charges_json(const PlanView& view) {
  const plan::Charges& charges = view.charges;
  const auto slots = [](std::size_t count) { return as_seconds(kSlot * static_cast<int>(count)); };
  return {
      {"resume_kwh", as_kwh(charges.resume)},
      {"resume_assumed", view.resume_assumed},
      {"pause_kwh", as_kwh(charges.pause)},
      {"restore_s", slots(charges.restore_slots)},
      {"restore_w", as_watts(charges.restore_power)},
      {"min_run_s", slots(charges.min_run)},
      {"min_pause_s", slots(charges.min_pause)},
      {"idle_w", as_watts(charges.idle_power)},
      {"hold_g_per_hour", view.hold_known ? Json(as_grams(charges.hold_per_hour)) : Json(nullptr)},
      {"price_per_hour", maybe(view.price_per_hour)}};
}

Json job_json(const PlanJob& job) {
  return {{"run", text(job.run)},
          {"name", text(job.name)},
          {"from", text(job.from)},
          {"duration_s", as_seconds(job.length)},
          {"energy_kwh", as_kwh(job.energy)},
          {"mean_w", as_watts(job.mean_power())}};
}

Json sign_json(const SignTest& sign) {
  const auto answer = [](const std::optional<bool>& better) {
    if (!better) return "unknown";
    return *better ? "yes" : "no";
  };
  return {{"marginal", answer(sign.marginal)},
          {"average", answer(sign.average)},
          {"other_model", "unknown"},  // lowtide keeps one model of a signal at a time
          {"other_source", text(sign.other_source)}};
}

Json agreed_json(const AgreedPlan& agreed) {
  Json out = {{"lambda", agreed.plan.lambda},
              {"saving_on_marginal_pct", as_number(agreed.plan.saving_on_marginal * 100)},
              {"saving_on_average_pct", as_number(agreed.plan.saving_on_average * 100)}};
  add_times(agreed.runs, out);
  return out;
}

Json agree_json(const PlanView& view) {
  if (!view.agree_asked) return nullptr;
  Json pareto = Json::array();
  for (const AgreedPlan& plan : view.pareto) pareto.push_back(agreed_json(plan));
  return {{"pareto", std::move(pareto)},
          {"chosen", view.agreed ? agreed_json(*view.agreed) : Json(nullptr)}};
}

Json policies_json(const PlanView& view) {
  Json out = Json::array();
  for (const plan::Outcome& outcome : view.decision.outcomes) {
    out.push_back(policy_json(outcome, view.timed_of(outcome.policy)));
  }
  return out;
}

Json regions_json(const PlanView& view) {
  if (!view.regions_asked) return nullptr;
  Json out = Json::array();
  for (const RegionPlan& region : view.regions) {
    Json one = {{"region", region.key},
                {"name", text(region.name)},
                {"home", region.home},
                {"policy", spell(region.policy)},
                {"cost_g", in_grams(region.total)},
                {"job_g", in_grams(region.job)},
                {"transfer_g", in_grams(region.transfer)},
                {"saving_vs_home_pct", in_percent(region.saving_vs_home)}};
    add_times(region.runs, one);
    out.push_back(std::move(one));
  }
  return out;
}

Json regions_left_out_json(const PlanView& view) {
  if (!view.regions_asked) return nullptr;
  Json out = Json::array();
  for (const RegionOut& region : view.regions_left_out) {
    out.push_back({{"region", region.key}, {"why", region.why}});
  }
  return out;
}

Json best_region_json(const PlanView& view) {
  return view.regions.empty() ? Json(nullptr) : Json(view.regions.front().key);
}

}  // namespace

std::string plan_json(const PlanView& view) {
  const IntensityUsed& used = view.used;
  return dump(
      {{"schema", "lowtide.plan/1"},
       {"zone", text(used.zone)},
       {"asked", text(used.asked)},
       {"resolved_by", text(used.resolved_by)},
       {"signal", spell(used.signal)},
       {"scope", word(used.scope)},
       {"gas", spell(used.gas)},
       {"source", text(used.source)},
       {"model", text(used.model)},
       {"fallback", used.fallback},
       {"known_by", spell(view.known_by)},
       {"series_sha256", text(used.sha256)},
       {"at", format_utc(view.at)},
       {"window", {{"begin", format_utc(view.window.begin)}, {"end", format_utc(view.window.end)}}},
       {"slot_s", as_seconds(kSlot)},
       {"work_slots", view.job.work.size()},
       {"slack_slots", view.slack_slots()},
       {"pausable", view.pausable},
       {"machine", spell(view.charges.machine)},
       {"charges", charges_json(view)},
       {"forbidden", view.forbidden_hours},
       {"job", job_json(view.job)},
       {"pue", maybe(view.pue)},
       {"pue_source", text(view.pue_source)},
       {"policies", policies_json(view)},
       {"bound_g", in_grams(view.decision.bound)},
       {"best", spell(view.decision.best)},
       {"break_even_resume_kwh", in_kwh(view.decision.break_even_resume)},
       {"bounds_note", text(view.bounds_note)},
       {"bounds_basis", view.bounds_basis ? Json(spell(*view.bounds_basis)) : Json(nullptr)},
       {"sign_test", sign_json(view.sign)},
       {"agree", agree_json(view)},
       {"regions", regions_json(view)},
       {"best_region", best_region_json(view)},
       {"regions_left_out", regions_left_out_json(view)},
       {"transfer_note", text(view.transfer_note)},
       {"verdict", {{"kind", spell(view.verdict)}, {"text", verdict_text(view)}}},
       {"command", text(view.command)},
       {"command_today", text(view.command_today)},
       {"notes", view.notes}});
}

}  // namespace lowtide::show
