#include "show/review_json.h"

#include "show/json_values.h"
#include "show/review_text.h"

namespace lowtide::show {
namespace {

using study::Judged;

Json spans_json(const std::vector<Interval>& spans) {
  Json out = Json::array();
  for (const Interval& span : spans) {
    out.push_back({{"begin", format_utc(span.begin)}, {"end", format_utc(span.end)}});
  }
  return out;
}

double slots_s(std::size_t count) { return as_seconds(kSlot * static_cast<std::int64_t>(count)); }

Json planned_json(const std::optional<plan::Charges>& planned) {
  if (!planned) return nullptr;
  return {{"resume_kwh", as_kwh(planned->resume)},
          {"pause_kwh", as_kwh(planned->pause)},
          {"restore_s", slots_s(planned->restore_slots)},
          {"restore_w", as_watts(planned->restore_power)},
          {"min_run_s", slots_s(planned->min_run)},
          {"min_pause_s", slots_s(planned->min_pause)},
          {"machine", spell(planned->machine)},
          {"idle_w", as_watts(planned->idle_power)},
          {"hold_g_per_hour", as_grams(planned->hold_per_hour)}};
}

Json charges_json(const ReviewView& view) {
  Json measured = nullptr;
  if (view.resume_took || view.while_paused) {
    measured = {{"resume_kwh", in_kwh(view.resume_took)},
                {"resumes_seen", view.pauses_seen},
                {"paused_w", view.while_paused ? Json(as_watts(*view.while_paused)) : Json()}};
  }
  return {{"planned", planned_json(view.planned)}, {"measured", std::move(measured)}};
}

Json promise_json(const std::optional<ReviewPromise>& promise) {
  if (!promise) return nullptr;
  const auto end = [&](double SavingBounds::* of) {
    return promise->bounds ? as_number((*promise->bounds).*of * 100) : Json(nullptr);
  };
  return {{"made", format_utc(promise->made)},
          {"why", text(promise->why)},
          {"gate", text(promise->gate)},
          {"cost_g", in_grams(promise->cost)},
          {"cost_now_g", in_grams(promise->cost_now)},
          {"saving_pct", in_percent(promise->saving)},
          {"saving_low_pct", end(&SavingBounds::low)},
          {"saving_high_pct", end(&SavingBounds::high)},
          {"source", text(promise->source)},
          {"model", text(promise->model)},
          {"kind", text(promise->kind)},
          {"issued", at(promise->issued)}};
}

// Of a part: the figure, and beside it why there is none.
void add_judged(const char* name, const Judged& judged, Json& out) {
  const std::string key = name;
  out[key + "_g"] = in_grams(judged.carbon);
  out[key + "_why_not"] = text(judged.why_not);
}

Json regret_json(const study::Review& review) {
  Json out = {{"total_g", in_grams(review.regret)}};
  add_judged("policy", review.policy, out);
  add_judged("forecast", review.forecast, out);
  add_judged("charges", review.charges, out);
  add_judged("revision", review.revision, out);
  return out;
}

// What it emitted less than starting at once.
Json less_json(const study::Review& review, study::Finding finding,
               const std::optional<study::SavedRange>& range) {
  Json out = {{"g", nullptr},       {"pct", nullptr},      {"low_g", nullptr},  {"high_g", nullptr},
              {"low_pct", nullptr}, {"high_pct", nullptr}, {"finding", nullptr}};
  const auto saved = review.saved();
  if (!saved) return out;
  const Carbon now = *review.now.carbon;
  const auto put = [&](const std::string& name, Carbon carbon) {
    out[name + "g"] = as_number(as_grams(carbon));
    out[name + "pct"] = now > Carbon{} ? as_number(carbon / now * 100) : Json(nullptr);
  };
  put("", *saved);
  out["finding"] = spell(finding);
  if (!range) return out;
  put("low_", range->low);
  put("high_", range->high);
  return out;
}

void add_series(const IntensityUsed& used, Json& out) {
  out["zone"] = text(used.zone);
  out["signal"] = spell(used.signal);
  out["scope"] = word(used.scope);
  out["gas"] = spell(used.gas);
  out["source"] = text(used.source);
  out["model"] = text(used.model);
  out["provisional"] = used.provisional;
  out["series_sha256"] = text(used.sha256);
}

// The three costs on one signal, the difference and its bounds.
void add_costs(const ReviewOn& on, Json& out) {
  const study::Review& review = on.review;
  add_judged("actual", review.actual, out);
  out["emitted_g"] = in_grams(on.emitted);
  out["beside_plan_g"] = in_grams(on.beside_plan());
  add_judged("now", review.now, out);
  add_judged("hindsight", review.hindsight, out);
  Json less = less_json(review, on.finding, on.range);
  less["bounds_note"] = text(on.range_note);
  less["bounds_basis"] = on.basis ? Json(spell(*on.basis)) : Json(nullptr);
  out["less_than_now"] = std::move(less);
}

Json other_json(const std::optional<ReviewOn>& other) {
  if (!other) return nullptr;
  Json out;
  add_series(other->used, out);
  add_costs(*other, out);
  return out;
}

Json view_json(const ReviewView& view) {
  Json out = {{"schema", "lowtide.review/1"},
              {"run", view.run},
              {"name", text(view.name)},
              {"project", text(view.project)},
              {"state", spell(view.state)},
              {"read_at", format_utc(view.read_at)},
              {"submitted", format_utc(view.submitted)},
              {"deadline", format_utc(view.deadline)},
              {"manner", text(view.manner)}};
  add_series(view.decides.used, out);
  out["slot_s"] = as_seconds(kSlot);
  out["pue"] = maybe(view.pue);
  out["pue_source"] = text(view.pue_source);
  out["boundary"] = word(view.boundary);
  out["work"] = {{"slots", view.work_slots},
                 {"duration_s", as_seconds(view.length)},
                 {"energy_kwh", as_kwh(view.energy)}};
  out["charges"] = charges_json(view);
  out["promise"] = promise_json(view.promise);
  add_costs(view.decides, out);
  out["resumes"] = view.resumes;
  out["actual_runs"] = spans_json(view.ran);
  out["now_runs"] = spans_json(view.now);
  out["hindsight_runs"] = spans_json(view.best);
  out["regret"] = regret_json(view.decides.review);
  out["other_signal"] = other_json(view.other);
  out["other_signal_note"] = text(view.other_note);
  out["verdict"] = review_verdict(view.decides);
  out["caveat"] = review_caveat(view.decides.used.signal);
  out["notes"] = view.notes;
  return out;
}

Json sum_json(const ReviewSum& sum) {
  Json out = {{"signal", spell(sum.signal)},
              {"scope", word(sum.scope)},
              {"gas", spell(sum.gas)},
              {"boundary", word(sum.boundary)},
              {"runs", sum.runs}};
  add_judged("actual", sum.review.actual, out);
  add_judged("now", sum.review.now, out);
  add_judged("hindsight", sum.review.hindsight, out);
  out["promised_less_g"] = in_grams(sum.promised);
  out["less_than_now"] = less_json(sum.review, sum.finding, sum.range);
  out["regret"] = regret_json(sum.review);
  return out;
}

}  // namespace

std::string review_json(const ReviewView& view) { return dump(view_json(view)); }

std::string review_json(const ProjectReview& project) {
  Json runs = Json::array();
  for (const ReviewView& view : project.runs) runs.push_back(view_json(view));
  Json sums = Json::array();
  for (const ReviewSum& sum : project.sums) sums.push_back(sum_json(sum));
  Json left_out = Json::array();
  for (const NotReviewed& one : project.left_out) {
    left_out.push_back({{"run", one.run}, {"name", text(one.name)}, {"why", text(one.why)}});
  }
  return dump({{"schema", "lowtide.reviews/1"},
               {"project", project.project},
               {"runs", std::move(runs)},
               {"sums", std::move(sums)},
               {"left_out", std::move(left_out)}});
}

}  // namespace lowtide::show
