// A forecast as JSON: lowtide.forecast/1.
#include "show/forecast_view.h"
#include "show/json_values.h"

namespace lowtide::show {
namespace {

Json past_json(const ForecastView& view) {
  if (!view.past) return nullptr;
  return {{"begin", format_utc(view.past->begin)},
          {"end", format_utc(view.past->end)},
          {"coverage", view.coverage}};
}

Json values_json(const forecast::Forecast& forecast) {
  Json out = Json::array();
  for (std::size_t i = 0; i < forecast.point.size(); ++i) {
    const Utc begin = forecast.begin + forecast.step * static_cast<std::int64_t>(i);
    out.push_back({{"begin", format_utc(begin)},
                   {"end", format_utc(begin + forecast.step)},
                   {"g_per_kwh", in_g_per_kwh(forecast.point[i])},
                   {"low_g_per_kwh", in_g_per_kwh(forecast.low[i])},
                   {"high_g_per_kwh", in_g_per_kwh(forecast.high[i])}});
  }
  return out;
}

}  // namespace

std::string forecast_json(const ForecastView& view) {
  const IntensityUsed& used = view.used;
  const bool band = view.forecast.errors > 0;
  return dump({{"schema", "lowtide.forecast/1"},
               {"zone", text(used.zone)},
               {"asked", text(used.asked)},
               {"signal", spell(used.signal)},
               {"scope", word(used.scope)},
               {"gas", spell(used.gas)},
               {"source", text(used.source)},
               {"source_model", text(view.model.empty() ? used.model : view.model)},
               {"at", format_utc(view.at)},
               {"hours", as_hours(view.ahead)},
               {"forecaster", view.forecaster},
               {"forecaster_title", view.title},
               {"issued", at(view.issued)},
               {"past", past_json(view)},
               {"step_s", as_seconds(view.forecast.step)},
               {"level_pct", band ? as_number(view.forecast.level * 100) : Json(nullptr)},
               {"band_errors", view.forecast.errors},
               {"values", values_json(view.forecast)},
               {"notes", view.notes}});
}

}  // namespace lowtide::show
