// A forecast for people and as JSON: chart with its band, table by the hour, lowtide.forecast/1.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "forecast/bands.h"
#include "series/run.h"
#include "show/text.h"

namespace lowtide::show {

struct ForecastView {
  IntensityUsed used;  // of the past that it is made of, without the series
  Utc at;              // as of then
  Duration ahead{};
  std::string forecaster;  // "blend", "provider"
  std::string title;       // what that is
  std::string model;       // of the provider whose forecast it is; else empty
  std::optional<Utc> issued;
  // Of a model: what it has learned from. Absent for a provider's forecast.
  std::optional<Interval> past;
  double coverage = 0;  // of it
  forecast::Forecast forecast;
  std::vector<std::string> notes;
};

// Chart, then a row for every third hour in local time.
[[nodiscard]] std::string forecast_text(const ForecastView& view, const Style& style);
[[nodiscard]] std::string forecast_chart(const ForecastView& view, const Style& style);
[[nodiscard]] std::string forecast_json(const ForecastView& view);

}  // namespace lowtide::show
