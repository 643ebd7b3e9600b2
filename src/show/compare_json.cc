#include "show/compare_json.h"

#include "show/json_values.h"

namespace lowtide::show {
namespace {

using study::Comparison;
using study::Site;

Json zone_json(const Site& site) {
  const study::StartFigures& figures = site.figures;
  return {{"zone", site.zone},
          {"region", text(site.region)},
          {"signal", spell(site.used.signal)},
          {"year", maybe(site.year)},
          {"starts", figures.all.starts},
          {"min_g", in_grams(figures.all.min)},
          {"q1_g", in_grams(figures.q1)},
          {"median_g", in_grams(figures.median)},
          {"mean_g", in_grams(figures.all.mean)},
          {"q3_g", in_grams(figures.q3)},
          {"max_g", in_grams(figures.all.max)},
          {"best_begin", format_utc(figures.best_begin)},
          {"now_g", in_grams(figures.now)}};
}

// `first`: what the first range is called (month 1, hour 0). One without a start is left out.
template <std::size_t N>
Json ranges_json(const std::array<study::Range, N>& ranges, const char* name, std::size_t first) {
  Json all = Json::array();
  for (std::size_t i = 0; i < N; ++i) {
    const study::Range& range = ranges.at(i);
    if (range.starts == 0) continue;
    all.push_back({{name, i + first},
                   {"starts", range.starts},
                   {"min_g", in_grams(range.min)},
                   {"mean_g", in_grams(range.mean)},
                   {"max_g", in_grams(range.max)}});
  }
  return all;
}

Json detail_json(const Site& site) {
  Json by_start = Json::array();
  for (const Carbon value : site.by_start) by_start.push_back(as_number(as_grams(value)));
  return {{"zone", site.zone},
          {"region", text(site.region)},
          {"name", text(site.name)},
          {"country", text(site.country)},
          {"own", site.own},
          {"eligible", site.eligible},
          {"unlike", site.unlike},
          {"scope", word(site.used.scope)},
          {"gas", spell(site.used.gas)},
          {"source", site.used.source},
          {"model", text(site.used.model)},
          {"licence", text(site.used.licence)},
          {"series_sha256", text(site.used.sha256)},
          {"pue", site.pue_source.empty() ? Json(nullptr) : Json(site.pue)},
          {"pue_source", text(site.pue_source)},
          {"transfer_g", in_grams(site.transfer)},
          {"price", maybe(site.price)},
          {"first_start", format_utc(site.first)},
          {"offered", site.offered},
          {"by_month", ranges_json(site.figures.months, "month", 1)},
          {"by_hour", ranges_json(site.figures.hours, "hour", 0)},
          {"by_start_g", site.by_start.empty() ? Json(nullptr) : std::move(by_start)}};
}

Json best_json(const Site& site, Carbon figure) {
  return {{"zone", site.zone},
          {"region", text(site.region)},
          {"begin", format_utc(site.figures.best_begin)},
          {"g", in_grams(figure)}};
}

Json run_json(const account::Report& report, const Comparison& comparison) {
  const RunRecord& run = report.run;
  const account::EnergyReport& energy = report.energy;
  return {{"id", record_id(run)},
          {"name", text(run.name)},
          {"it_kwh", as_kwh(comparison.energy())},
          {"work_slots", comparison.work.size()},
          {"boundary", energy.boundary ? Json(spell(*energy.boundary)) : Json(nullptr)},
          {"pue", maybe(energy.pue)},
          {"pue_source", text(energy.pue_source)},
          {"operational_g", in_grams(report.carbon.operational)}};
}

}  // namespace

std::string compare_json(const account::Report& report, const Comparison& comparison) {
  Json zones = Json::array();
  Json details = Json::array();
  for (const Site& site : comparison.sites) {
    zones.push_back(zone_json(site));
    details.push_back(detail_json(site));
  }
  Json left_out = Json::array();
  for (const study::LeftOut& out : comparison.left_out) {
    left_out.push_back({{"zone", out.zone}, {"region", text(out.region)}, {"why", out.why}});
  }
  const Site& lowest = *comparison.lowest();
  const Json whole = {
      {"schema", "lowtide.compare/1"},
      {"run", run_json(report, comparison)},
      {"signal", spell(comparison.signal)},
      {"at", format_utc(comparison.at)},
      {"slot_s", as_seconds(kSlot)},
      {"ranked_by", comparison.by == study::RankBy::mean ? "mean_g" : "min_g"},
      {"transfer_kwh", as_kwh(comparison.transfer)},
      {"transfer_note", text(comparison.transfer_note)},
      {"best_region", best_json(*comparison.best(), comparison.figure(*comparison.best()))},
      {"best_start", best_json(lowest, lowest.figures.all.min)},
      {"zones", std::move(zones)},
      {"details", std::move(details)},
      {"left_out", std::move(left_out)}};
  return dump(whole);
}

}  // namespace lowtide::show
