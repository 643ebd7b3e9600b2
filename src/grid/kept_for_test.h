// What the tests of the kept series share: an hour's, a half-hour's values of one series.
#pragma once

#include <string>
#include <vector>

#include "grid/kept_series.h"

namespace lowtide::grid {

inline Utc at(double hours) {
  return Utc(std::chrono::sys_days(std::chrono::year(2026) / 1 / 5)) + seconds(hours * 3600);
}

inline SeriesKey key_of(const std::string& model = "") {
  return {"watttime", "CAISO_NORTH", Signal::marginal, std::nullopt, Gas::co2, model};
}

inline Point point(double hour, double value, IntensityKind kind = IntensityKind::history,
                   double hours = 1) {
  return {{at(hour), at(hour + hours)}, grams_per_kwh(value), kind};
}

// Hourly values from `hour` on.
inline Batch batch(double hour, const std::vector<double>& values,
                   IntensityKind kind = IntensityKind::history, const std::string& model = "m1") {
  Batch made{key_of(model), std::nullopt, {}, {}};
  for (const double value : values) made.points.push_back(point(hour++, value, kind));
  return made;
}

// "0:10 1:11e 2:12f", each hour with its value; e estimated, f forecast. "0.5+0.5:9" is a half
// hour.
inline std::string text_of(const std::vector<KeptPoint>& points) {
  std::string out;
  const auto number = [](double x) {
    std::string text = std::to_string(x);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  };
  for (const KeptPoint& each : points) {
    if (!out.empty()) out += ' ';
    out += number(as_hours(each.span.begin - at(0)));
    if (each.span.length() != std::chrono::hours(1)) {
      out += "+" + number(as_hours(each.span.length()));
    }
    out += ":" + number(as_grams_per_kwh(each.value));
    if (each.kind == IntensityKind::estimated) out += "e";
    if (each.kind == IntensityKind::forecast) out += "f";
  }
  return out;
}

inline std::string read_text(KeptSeries& kept, Interval over,
                             std::optional<Utc> as_of = std::nullopt) {
  const auto points = kept.read(key_of(), over, as_of);
  return points ? text_of(*points) : points.error().line();
}

}  // namespace lowtide::grid
