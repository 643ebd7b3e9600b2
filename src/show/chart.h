// A run over time as a terminal chart: power, intensity and cumulative carbon, one above the other
// over the same time axis, in local time.
#pragma once

#include <span>
#include <string>

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

// How many steps of account::timeline fill a chart of this width.
[[nodiscard]] std::size_t chart_steps(const Style& style);

// A gap is a dot on the ground line, never a column of height zero.
[[nodiscard]] std::string chart(std::span<const account::TimelineStep> steps, const Style& style);

}  // namespace lowtide::show
