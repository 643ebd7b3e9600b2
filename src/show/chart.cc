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

constexpr int kAxis = 8;    // columns left of the plot
constexpr int kHeight = 4;  // lines of one plot
constexpr std::array<const char*, 9> kBlocks = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

struct Plot {
  std::string title;
  std::vector<std::optional<double>> values;
};

double highest(const Plot& plot) {
  double top = 0;
  for (const auto& value : plot.values) top = std::max(top, value.value_or(0));
  return top;
}

// What a column of the plot shows in a line, counted from the ground.
const char* cell(const std::optional<double>& value, double top, int line) {
  if (!value) return line == 0 ? "·" : " ";
  const double eighths = top > 0 ? *value / top * kHeight * 8 : 0;
  const int filled = static_cast<int>(std::lround(eighths)) - line * 8;
  // Something known that is too little for an eighth still stands on the ground.
  return kBlocks[static_cast<std::size_t>(std::clamp(filled, line == 0 ? 1 : 0, 8))];
}

std::string draw(const Plot& plot, const Style& style) {
  const double top = highest(plot);
  std::string out = paint(plot.title, Ink::dim, style) + "\n";
  for (int line = kHeight - 1; line >= 0; --line) {
    std::string label;
    if (line == kHeight - 1) label = number(top);
    if (line == 0) label = "0";
    std::string row = pad_left(label, kAxis - 2) + " ";
    for (const auto& value : plot.values) row += cell(value, top, line);
    row.erase(row.find_last_not_of(' ') + 1);
    out += row + "\n";
  }
  return out;
}

Plot plot_of(std::string title, std::span<const TimelineStep> steps,
             const std::function<std::optional<double>(const TimelineStep&)>& value) {
  Plot plot{std::move(title), {}};
  for (const TimelineStep& step : steps) plot.values.push_back(value(step));
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
  std::string out(kAxis - 1, ' ');
  if (room < width_of(begin) + width_of(end) + 1) return out + clip(begin, room) + "\n";
  return out + pad(begin, room - width_of(end)) + end + "\n";
}

}  // namespace

std::size_t chart_steps(const Style& style) {
  return static_cast<std::size_t>(std::min(columns(style), 160) - kAxis);
}

std::string chart(std::span<const TimelineStep> steps, const Style& style) {
  if (steps.empty()) return {};
  std::string out;
  out += draw(plot_of("power W", steps,
                      [](const TimelineStep& step) {
                        return step.power ? std::optional(as_watts(*step.power)) : std::nullopt;
                      }),
              style);
  out += draw(plot_of("g/kWh", steps,
                      [](const TimelineStep& step) {
                        return step.intensity ? std::optional(as_grams_per_kwh(*step.intensity))
                                              : std::nullopt;
                      }),
              style);
  out += draw(plot_of("gCO2e so far", steps,
                      [](const TimelineStep& step) {
                        return step.cumulative ? std::optional(as_grams(*step.cumulative))
                                               : std::nullopt;
                      }),
              style);
  return out + axis(steps);
}

}  // namespace lowtide::show
