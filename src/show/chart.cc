#include "show/chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

namespace lowtide::show {
namespace {

using account::TimelineStep;

constexpr int kHeight = 4;  // lines of one plot
constexpr std::array<const char*, 9> kBlocks = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

constexpr std::array<Unit, 5> kWatts = {
    {{1e-6, "uW"}, {1e-3, "mW"}, {1, "W"}, {1e3, "kW"}, {1e6, "MW"}}};
constexpr std::array<Unit, 5> kGrams = {
    {{1e-6, "ugCO2e"}, {1e-3, "mgCO2e"}, {1, "gCO2e"}, {1e3, "kgCO2e"}, {1e6, "tCO2e"}}};
constexpr std::array<Unit, 2> kGramsPerKwh = {{{1e-3, "mg/kWh"}, {1, "g/kWh"}}};

double highest(const Plot& plot) {
  double top = 0;
  for (const auto& value : plot.values) top = std::max(top, value.value_or(0));
  return top;
}

// The largest unit in which `top` is 1 or more; that of factor 1 for nothing at all.
Unit unit_for(double top, std::span<const Unit> units) {
  Unit best = units.front();
  for (const Unit& unit : units) {
    if (top == 0 ? unit.factor == 1 : top >= unit.factor) best = unit;
  }
  return best;
}

// Never wider than the axis: a label that is cut is a wrong number.
std::string label_of(double value) {
  const std::string text = number(value);
  return width_of(text) <= kChartAxis - 2 ? text : fmt::format("{:.0e}", value);
}

// What a column of the plot shows in a line, counted from the ground.
const char* cell(const std::optional<double>& value, double top, int line) {
  if (!value) return line == 0 ? "·" : " ";
  const double eighths = top > 0 ? *value / top * kHeight * 8 : 0;
  const int filled = static_cast<int>(std::lround(eighths)) - line * 8;
  // Something known that is too little for an eighth still stands on the ground.
  return kBlocks[static_cast<std::size_t>(std::clamp(filled, line == 0 ? 1 : 0, 8))];
}

// `title` has {} where the unit goes.
Plot plot_of(const char* title, std::span<const Unit> units, std::span<const TimelineStep> steps,
             const std::function<std::optional<double>(const TimelineStep&)>& value) {
  Plot plot;
  for (const TimelineStep& step : steps) plot.values.push_back(value(step));
  const Unit unit = unit_for(highest(plot), units);
  for (auto& scaled : plot.values) {
    if (scaled) *scaled /= unit.factor;
  }
  plot.title = fmt::format(fmt::runtime(title), unit.name);
  return plot;
}

std::string clock(Utc t, Duration whole) {
  const std::string text = local_time(t);
  // A day or more needs the date; less needs the time alone.
  return whole >= std::chrono::hours(24) ? text.substr(5, 11) : text.substr(11);
}

std::string axis(std::span<const TimelineStep> steps) {
  const Interval whole{steps.front().span.begin, steps.back().span.end};
  const std::string begin = clock(whole.begin, whole.length());
  const std::string end = clock(whole.end, whole.length());
  const int room = static_cast<int>(steps.size());
  std::string out(kChartAxis - 1, ' ');
  if (room < width_of(begin) + width_of(end) + 1) return out + clip(begin, room) + "\n";
  return out + pad(begin, room - width_of(end)) + end + "\n";
}

// When the run was in a state, below the plots; nothing where it never was.
std::string times_of(RunState state, const char* label, std::span<const TimelineStep> steps,
                     const Style& style) {
  std::string row;
  for (const TimelineStep& step : steps) row += step.state == state ? "▒" : " ";
  row.erase(row.find_last_not_of(' ') + 1);
  if (row.empty()) return row;
  return paint(pad_left(label, kChartAxis - 2) + " " + row, Ink::dim, style) + "\n";
}

}  // namespace

std::string draw(const Plot& plot, const Style& style) {
  const double top = highest(plot);
  std::string out = paint(plot.title, Ink::dim, style) + "\n";
  for (int line = kHeight - 1; line >= 0; --line) {
    std::string label;
    if (line == kHeight - 1) label = label_of(top);
    if (line == 0) label = "0";
    std::string row = pad_left(label, kChartAxis - 2) + " ";
    for (const auto& value : plot.values) row += cell(value, top, line);
    row.erase(row.find_last_not_of(' ') + 1);
    out += row + "\n";
  }
  return out;
}

std::string block(double share) {
  if (share >= 1) return kBlocks.back();
  return kBlocks[static_cast<std::size_t>(std::clamp(std::lround(share * 8), 1L, 7L))];
}

Unit power_unit(Power top) { return unit_for(as_watts(top), kWatts); }
Unit intensity_unit(Intensity top) { return unit_for(as_grams_per_kwh(top), kGramsPerKwh); }
Unit carbon_unit(Carbon top) { return unit_for(as_grams(top), kGrams); }

std::size_t chart_steps(const Style& style) {
  return static_cast<std::size_t>(std::min(columns(style), 160) - kChartAxis);
}

std::string chart(std::span<const TimelineStep> steps, const Style& style) {
  if (steps.empty()) return {};
  std::string out;
  out += draw(plot_of("power {}", kWatts, steps,
                      [](const TimelineStep& step) {
                        return step.power ? std::optional(as_watts(*step.power)) : std::nullopt;
                      }),
              style);
  out += draw(plot_of("{}", kGramsPerKwh, steps,
                      [](const TimelineStep& step) {
                        return step.intensity ? std::optional(as_grams_per_kwh(*step.intensity))
                                              : std::nullopt;
                      }),
              style);
  out += draw(plot_of("{} so far", kGrams, steps,
                      [](const TimelineStep& step) {
                        return step.cumulative ? std::optional(as_grams(*step.cumulative))
                                               : std::nullopt;
                      }),
              style);
  out += times_of(RunState::paused, "paused", steps, style);
  out += times_of(RunState::waiting, "waits", steps, style);
  return out + axis(steps);
}

}  // namespace lowtide::show
