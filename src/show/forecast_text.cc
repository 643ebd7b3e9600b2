// A forecast in words, as a chart and as a table.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "show/chart.h"
#include "show/forecast_view.h"

namespace lowtide::show {
namespace {

using forecast::Forecast;
using std::chrono::hours;

constexpr int kHeight = 10;  // lines of the chart

// Time-weighted mean over a part of the forecast; NaN where a slot of it is not known.
double mean_over(const std::vector<Intensity>& values, const Forecast& forecast, Interval part) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Utc begin = forecast.begin + forecast.step * static_cast<std::int64_t>(i);
    const Duration met = Interval{begin, begin + forecast.step}.meet(part).length();
    if (met > Duration::zero()) sum += as_grams_per_kwh(values[i]) * as_seconds(met);
  }
  return sum / as_seconds(part.length());
}

Interval span_of(const Forecast& forecast) {
  return {forecast.begin,
          forecast.begin + forecast.step * static_cast<std::int64_t>(forecast.point.size())};
}

struct Column {
  double point;
  double low;
  double high;
};
std::vector<Column> columns_of(const Forecast& forecast, std::size_t count) {
  const Interval whole = span_of(forecast);
  const auto steps = static_cast<std::int64_t>(count);
  std::vector<Column> out;
  for (std::int64_t i = 0; i < steps; ++i) {
    const Interval part{whole.begin + whole.length() / steps * i,
                        whole.begin + whole.length() / steps * (i + 1)};
    out.push_back({mean_over(forecast.point, forecast, part),
                   mean_over(forecast.low, forecast, part),
                   mean_over(forecast.high, forecast, part)});
  }
  return out;
}

// Line of the chart that a value lies in, the ground is 0.
int line_of(double value, double top) {
  return std::clamp(static_cast<int>(value / top * kHeight), 0, kHeight - 1);
}

const char* cell(const Column& column, double top, int line) {
  if (std::isnan(column.point)) return line == 0 ? "·" : " ";
  if (line_of(column.point, top) == line) return "█";
  if (std::isnan(column.low)) return " ";
  return line >= line_of(column.low, top) && line <= line_of(column.high, top) ? "░" : " ";
}

std::string axis(Interval over, const Style& style) {
  const std::string begin = local_time(over.begin).substr(0, 16);
  const std::string end = local_time(over.end).substr(0, 16);
  const int room = static_cast<int>(chart_steps(style));
  const std::string left(kChartAxis - 1, ' ');
  if (room < width_of(begin) + width_of(end) + 1) return left + clip(begin, room) + "\n";
  return left + pad(begin, room - width_of(end)) + end + "\n";
}

std::string row(const char* label, const std::string& text, const Style& style) {
  std::string out;
  const auto lines = wrap(text, std::max(columns(style) - 13, 20), 0);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += fmt::format(" {} {}\n", pad(i == 0 ? label : "", 11), lines[i]);
  }
  return out;
}

std::string band_text(const Forecast& forecast) {
  if (forecast.errors == 0) return "none: too few past errors";
  return fmt::format("{}; made of {} or more past errors at each hour", percent(forecast.level),
                     forecast.errors);
}

std::string head(const ForecastView& view, const Style& style) {
  const IntensityUsed& used = view.used;
  std::string out = paint(fmt::format("{}  {}, forecast for {}", escape(used.zone),
                                      spell(used.signal), format_duration(view.ahead)),
                          Ink::bold, style) +
                    "\n";
  out += row("model", fmt::format("{}: {}", view.forecaster, escape(view.title)), style);
  const std::string& version = view.model.empty() ? used.model : view.model;
  out += row("source",
             escape(used.source) +
                 (version.empty() || version == used.source ? "" : ", " + escape(version)),
             style);
  out += row("as of", zoned_time(view.at), style);
  if (view.issued) out += row("issued", zoned_time(*view.issued), style);
  if (view.past) {
    out += row("learned",
               fmt::format("from {} to {}, {} of it known", zoned_time(view.past->begin),
                           zoned_time(view.past->end), percent(view.coverage)),
               style);
  }
  return out + row("band", band_text(view.forecast), style);
}

std::string table(const Forecast& forecast) {
  constexpr Duration kRow = hours(3);
  const Interval whole = span_of(forecast);
  std::string out = fmt::format("  {} {} {} {}\n", pad("local time", 16), pad_left("g/kWh", 9),
                                pad_left("from", 9), pad_left("to", 9));
  const auto shown = [](double value) {
    return pad_left(std::isnan(value) ? "·" : number(value), 9);
  };
  for (Utc begin = whole.begin; begin < whole.end; begin += kRow) {
    const Interval part{begin, std::min(begin + kRow, whole.end)};
    out += fmt::format("  {} {} {} {}\n", local_time(begin).substr(0, 16),
                       shown(mean_over(forecast.point, forecast, part)),
                       shown(mean_over(forecast.low, forecast, part)),
                       shown(mean_over(forecast.high, forecast, part)));
  }
  return out;
}

}  // namespace

std::string forecast_chart(const ForecastView& view, const Style& style) {
  const std::vector<Column> all = columns_of(view.forecast, chart_steps(style));
  double top = 0;
  for (const Column& column : all) {
    for (const double value : {column.point, column.high}) {
      if (!std::isnan(value)) top = std::max(top, value);
    }
  }
  if (top <= 0) top = 1;
  std::string out = paint("g/kWh; shaded: the band", Ink::dim, style) + "\n";
  for (int line = kHeight - 1; line >= 0; --line) {
    std::string label;
    if (line == kHeight - 1) label = number(top);
    if (line == 0) label = "0";
    std::string drawn = pad_left(label, kChartAxis - 2) + " ";
    for (const Column& column : all) drawn += cell(column, top, line);
    drawn.erase(drawn.find_last_not_of(' ') + 1);
    out += drawn + "\n";
  }
  return out + axis(span_of(view.forecast), style);
}

std::string forecast_text(const ForecastView& view, const Style& style) {
  std::string out = head(view, style) + "\n" + forecast_chart(view, style) + "\n";
  out += table(view.forecast);
  for (const std::string& note : view.notes) out += row("note", escape(note), style);
  return out;
}

}  // namespace lowtide::show
