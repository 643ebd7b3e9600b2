// The kept series as a terminal chart and as a heat map of local hours and days.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "show/chart.h"
#include "show/kept_view.h"

namespace lowtide::show {
namespace {

using std::chrono::hours;

IntensitySeries series_of(const KeptView& view) {
  std::vector<IntensityPiece> pieces;
  pieces.reserve(view.points.size());
  for (const grid::KeptPoint& point : view.points) pieces.push_back({point.span, point.value});
  return IntensitySeries::from(std::move(pieces)).value_or(IntensitySeries());
}

Plot plot_of(std::string title, const IntensitySeries& series, Interval over, const Style& style) {
  Plot plot{std::move(title), {}};
  const auto steps = static_cast<std::int64_t>(chart_steps(style));
  for (std::int64_t i = 0; i < steps; ++i) {
    const Interval column{over.begin + over.length() / steps * i,
                          over.begin + over.length() / steps * (i + 1)};
    const auto mean = series.mean(column).value;
    plot.values.push_back(mean ? std::optional(as_grams_per_kwh(*mean)) : std::nullopt);
  }
  return plot;
}

std::string axis(Interval over, const Style& style) {
  const std::string begin = local_time(over.begin).substr(0, 16);
  const std::string end = local_time(over.end).substr(0, 16);
  const int room = static_cast<int>(chart_steps(style));
  const std::string left(kChartAxis - 1, ' ');
  if (room < width_of(begin) + width_of(end) + 1) return left + clip(begin, room) + "\n";
  return left + pad(begin, room - width_of(end)) + end + "\n";
}

// The mean of a local hour of a local day; a day of a clock change has one hour twice or none.
using Day = std::array<std::optional<double>, 24>;

std::map<std::string, Day> days_of(const KeptView& view) {
  const IntensitySeries series = series_of(view);
  std::map<std::string, Day> days;
  for (Utc t = std::chrono::floor<hours>(view.over.begin); t < view.over.end; t += hours(1)) {
    Day& day = days[local_time(t).substr(0, 10)];
    auto& cell = day[static_cast<std::size_t>(local_minute(t) / 60)];
    const auto mean = series.mean(Interval{t, t + hours(1)}.meet(view.over)).value;
    if (mean) cell = cell ? (*cell + as_grams_per_kwh(*mean)) / 2 : as_grams_per_kwh(*mean);
  }
  return days;
}

// A screen of dots says nothing of the days that follow; how many there were.
std::size_t drop_days_before_the_first(std::map<std::string, Day>& days) {
  const auto first = std::find_if(days.begin(), days.end(), [](const auto& day) {
    return std::any_of(day.second.begin(), day.second.end(),
                       [](const auto& cell) { return cell.has_value(); });
  });
  const auto before = static_cast<std::size_t>(std::distance(days.begin(), first));
  days.erase(days.begin(), first);
  return before;
}

std::string hours_of(const Day& day, double top, int wide) {
  std::string out;
  for (const auto& cell : day) {
    const std::string shown = !cell ? "·" : block(top > 0 ? *cell / top : 0);
    for (int i = 0; i < wide; ++i) out += shown;
  }
  return out;
}

}  // namespace

std::string kept_chart(const KeptView& view, const Style& style) {
  const std::string title = fmt::format("{}, g/kWh", spell(view.key.signal));
  return draw(plot_of(title, series_of(view), view.over, style), style) + axis(view.over, style);
}

std::string typical_chart(const IntensityUsed& typical, Interval over, const Style& style) {
  // Its scope and gas may be unlike those of the series above.
  const std::string scope = typical.scope ? std::string(spell(*typical.scope)) + ", " : "";
  const std::string title = fmt::format("beside it the {}, {}, {}{}, g/kWh", escape(typical.model),
                                        spell(typical.signal), scope, gas_text(typical.gas));
  return draw(plot_of(title, typical.series, over, style), style) + axis(over, style);
}

std::string kept_heat(const KeptView& view, const Style& style) {
  auto days = days_of(view);
  const std::size_t before = drop_days_before_the_first(days);
  double top = 0;
  for (const auto& [date, day] : days) {
    for (const auto& cell : day) top = std::max(top, cell.value_or(0));
  }
  const int wide = columns(style) >= 60 ? 2 : 1;  // columns a cell
  std::string out = paint(fmt::format("{}, g/kWh by local day and hour; a full block is {}",
                                      spell(view.key.signal), number(top)),
                          Ink::dim, style) +
                    "\n" + std::string(11, ' ');
  for (const int hour : {0, 6, 12, 18}) out += pad(fmt::format("{:02}", hour), 6 * wide);
  out.erase(out.find_last_not_of(' ') + 1);
  out += "\n";
  if (before > 0) {
    out += paint(fmt::format("{} day{} before without a value", before, before == 1 ? "" : "s"),
                 Ink::dim, style) +
           "\n";
  }
  for (const auto& [date, day] : days) {
    out.append(date).append(" ").append(hours_of(day, top, wide)).append("\n");
  }
  return out;
}

}  // namespace lowtide::show
