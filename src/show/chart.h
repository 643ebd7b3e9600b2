// A run over time as a terminal chart: power, intensity and cumulative carbon, one above the other
// over the same time axis, in local time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "account/timeline.h"
#include "show/text.h"

namespace lowtide::show {

// A unit of a chart, and how much of W, g/kWh or g it is: the largest in which `top` is 1 or more.
struct Unit {
  double factor;
  const char* name;
};
[[nodiscard]] Unit power_unit(Power top);
[[nodiscard]] Unit intensity_unit(Intensity top);
[[nodiscard]] Unit carbon_unit(Carbon top);

// One line above another: a value a column, the highest at the top; absent is a gap.
inline constexpr int kChartAxis = 8;  // columns left of a plot
struct Plot {
  std::string title;
  std::vector<std::optional<double>> values;
};
// A block of this part of a line's height; full only for all of it, never nothing.
[[nodiscard]] std::string block(double share);
[[nodiscard]] std::string draw(const Plot& plot, const Style& style);

// How many steps of account::timeline fill a chart of this width.
[[nodiscard]] std::size_t chart_steps(const Style& style);

// A gap is a dot on the ground line, never a column of height zero. Of a run that was paused or
// waited a line below the plots says when.
[[nodiscard]] std::string chart(std::span<const account::TimelineStep> steps, const Style& style);

}  // namespace lowtide::show
