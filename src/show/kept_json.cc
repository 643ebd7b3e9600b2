// What a fetch brought (lowtide.import/1) and what is kept (lowtide.kept/1) as JSON.
#include <nlohmann/json.hpp>

#include "show/json_values.h"
#include "show/kept_view.h"

namespace lowtide::show {
namespace {

Json steps(const grid::KeptFacts& facts) {
  return facts.values == 0 ? Json(nullptr) : as_number(as_seconds(facts.step));
}

// Which series it is.
void put_key(Json& out, const KeptView& view) {
  const grid::SeriesKey& key = view.key;
  out["source"] = key.provider;
  out["provider_zone"] = text(key.zone);
  out["scope"] = word(key.scope);
  out["gas"] = spell(key.gas);
  out["model"] = text(key.model);
  out["models"] = view.models;
}

Json fetched_of(const FetchedView& each, Utc now) {
  const KeptView& view = each.view;
  const grid::KeptFacts facts = grid::facts_of(view.points);
  std::optional<Utc> first;
  std::optional<Utc> last;
  if (facts.values > 0) {
    first = facts.span.begin;
    last = view.points.back().span.begin;
  }
  Json out = {{"file", view.key.provider},
              {"column", nullptr},
              {"zone", text(view.key.zone)},
              {"signal", spell(view.key.signal)},
              {"unit", "g/kWh"},
              {"factor_to_g_per_kwh", 1},
              {"step_s", steps(facts)},
              {"first", at(first)},
              {"last", at(last)},
              {"rows", facts.values},
              {"duplicates", 0},
              {"gaps", facts.gaps.size()},
              {"steps_lost", facts.steps_lost},
              {"missing", each.fetched.missing},
              {"min", in_g_per_kwh(facts.lowest)},
              {"mean", in_g_per_kwh(facts.mean)},
              {"max", in_g_per_kwh(facts.highest)},
              {"longest_constant_run", facts.longest_constant},
              {"warnings", each.fetched.notes}};
  put_key(out, view);
  out["from"] = format_utc(view.over.begin);
  out["to"] = format_utc(view.over.end);
  out["chunks"] = each.fetched.chunks;
  out["chunks_done"] = each.fetched.done;
  out["added"] = each.fetched.put.added;
  out["revised"] = each.fetched.put.revised;
  out["equal"] = each.fetched.put.equal;
  out["estimated"] = facts.estimated;
  out["forecast"] = facts.forecast;
  out["provisional"] = provisional(view, now);
  out["error"] = each.fetched.trouble ? Json(each.fetched.trouble->line()) : Json(nullptr);
  return out;
}

Json kept_of(const KeptView& view) {
  const grid::KeptFacts facts = grid::facts_of(view.points);
  Json out = Json::object();
  out["signal"] = spell(view.key.signal);
  put_key(out, view);
  out["step_s"] = steps(facts);
  out["coverage"] = as_seconds(facts.covered) / as_seconds(view.over.length());
  Json& gaps = out["gaps"] = Json::array();
  for (const Interval& gap : facts.gaps) {
    gaps.push_back({{"begin", format_utc(gap.begin)}, {"end", format_utc(gap.end)}});
  }
  Json& values = out["values"] = Json::array();
  for (const grid::KeptPoint& point : view.points) {
    values.push_back({{"begin", format_utc(point.span.begin)},
                      {"end", format_utc(point.span.end)},
                      {"g_per_kwh", as_grams_per_kwh(point.value)},
                      {"kind", spell(point.kind)},
                      {"known", format_utc(point.known)},
                      {"issued", at(point.issued)}});
  }
  Json& revisions = out["revisions"] = Json::array();
  for (const grid::Revision& revision : view.revisions) {
    revisions.push_back({{"begin", format_utc(revision.span.begin)},
                         {"end", format_utc(revision.span.end)},
                         {"before_g_per_kwh", as_grams_per_kwh(revision.before)},
                         {"after_g_per_kwh", as_grams_per_kwh(revision.after)},
                         {"known_before", format_utc(revision.known_before)},
                         {"known_after", format_utc(revision.known_after)}});
  }
  return out;
}

}  // namespace

std::string fetched_json(std::span<const FetchedView> all, Utc now) {
  Json out = Json::array();
  for (const FetchedView& each : all) out.push_back(fetched_of(each, now));
  return dump(out);
}

std::string kept_json(const std::string& zone, Interval over, std::span<const KeptView> views) {
  Json series = Json::array();
  for (const KeptView& view : views) series.push_back(kept_of(view));
  return dump({{"schema", "lowtide.kept/1"},
               {"zone", zone},
               {"from", format_utc(over.begin)},
               {"to", format_utc(over.end)},
               {"series", std::move(series)}});
}

}  // namespace lowtide::show
