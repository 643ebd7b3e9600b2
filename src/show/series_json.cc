// A series as JSON: lowtide.series/1.
#include "series/origin.h"
#include "show/json_values.h"
#include "show/series_view.h"

namespace lowtide::show {
namespace {

Json parts_json(const SeriesView& view) {
  Json out = Json::array();
  for (const SeriesView::Part& part : view.parts) {
    out.push_back({{"source", text(part.origin.source)},
                   {"model", text(part.origin.model)},
                   {"kind", spell(part.origin.kind)},
                   {"values", part.values},
                   {"licence", text(part.licence.text)},
                   {"terms", text(part.licence.terms)},
                   {"restricted", maybe(part.licence.restricted)}});
  }
  return out;
}

Json gaps_json(const SeriesView& view) {
  std::vector<Interval> known;
  known.reserve(view.used.series.pieces().size());
  for (const IntensityPiece& piece : view.used.series.pieces()) known.push_back(piece.span);
  Json out = Json::array();
  for (const Interval& gap : rest_of(view.over, united(std::move(known)))) {
    out.push_back({{"begin", format_utc(gap.begin)}, {"end", format_utc(gap.end)}});
  }
  return out;
}

Json values_json(const SeriesView& view) {
  Json out = Json::array();
  for (const IntensityPiece& piece : view.used.series.pieces()) {
    const IntensityOrigin origin = origin_of(view.used, piece);
    out.push_back({{"begin", format_utc(piece.span.begin)},
                   {"end", format_utc(piece.span.end)},
                   {"g_per_kwh", as_grams_per_kwh(piece.value)},
                   {"source", text(origin.source)},
                   {"model", text(origin.model)},
                   {"kind", spell(origin.kind)},
                   {"quality", spell(piece.quality)}});
  }
  return out;
}

}  // namespace

std::string series_json(const SeriesView& view) {
  const IntensityUsed& used = view.used;
  return dump(
      {{"schema", "lowtide.series/1"},
       {"zone", text(used.zone)},
       {"asked", text(used.asked)},
       {"signal", spell(used.signal)},
       {"scope", word(used.scope)},
       {"gas", spell(used.gas)},
       {"unit", "g/kWh"},
       {"from", format_utc(view.over.begin)},
       {"to", format_utc(view.over.end)},
       {"step_s", as_seconds(view.step)},
       {"coverage", as_seconds(used.series.covered(view.over)) / as_seconds(view.over.length())},
       {"gaps", gaps_json(view)},
       {"sources", parts_json(view)},
       {"notes", view.notes},
       {"values", values_json(view)}});
}

}  // namespace lowtide::show
