#include "show/live.h"

#include <fmt/core.h>

#include <vector>

namespace lowtide::show {
namespace {

std::string clock_text(Duration elapsed) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

std::string live_line(const account::Live& live, const Style& style) {
  std::vector<std::string> phrases = {clock_text(live.elapsed)};
  phrases.push_back(live.power ? power_text(*live.power) : "- W");
  phrases.push_back(live.energy ? text_of(Figure<Energy>{*live.energy, {}, {}}).brief() : "- Wh");
  phrases.push_back(live.intensity ? intensity_text(*live.intensity) : "- g/kWh");
  phrases.push_back(live.operational ? text_of(Figure<Carbon>{*live.operational, {}, {}}).brief() +
                                           " CO2e so far"
                                     : "- g CO2e so far");
  phrases.push_back(live.sci ? fmt::format("SCI {}/{}",
                                           text_of(Figure<Carbon>{*live.sci, {}, {}}).brief(),
                                           escape(live.r))
                             : "SCI -");
  const int width = columns(style) - 1;
  std::string line = phrases.front();
  for (std::size_t i = 1; i < phrases.size(); ++i) {
    const std::string longer = line + " · " + phrases[i];
    if (width_of(longer) > width) break;
    line = longer;
  }
  return paint(line, Ink::dim, style);
}

}  // namespace lowtide::show
