#include "show/live.h"

#include <fmt/core.h>

#include <cstddef>
#include <optional>
#include <vector>

namespace lowtide::show {
namespace {

std::string clock_text(Duration elapsed) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(elapsed).count();
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

struct Phrase {
  std::string text;
  bool known = true;
};

std::vector<Phrase> figures(const account::Live& live) {
  std::vector<Phrase> phrases{{clock_text(live.elapsed), live.elapsed > Duration::zero()}};
  const auto add = [&](bool known, const std::string& text, const char* otherwise) {
    phrases.push_back({known ? text : otherwise, known});
  };
  const auto carbon = [](const std::optional<Carbon>& value) {
    return value ? text_of(Figure<Carbon>{*value, {}, {}}).brief() : std::string();
  };
  add(live.power.has_value(), live.power ? power_text(*live.power) : "", "- W");
  add(live.energy.has_value(),
      live.energy ? text_of(Figure<Energy>{*live.energy, {}, {}}).brief() : "", "- Wh");
  add(live.intensity.has_value(), live.intensity ? intensity_text(*live.intensity) : "", "- g/kWh");
  add(live.operational.has_value(), carbon(live.operational) + " CO2e so far", "- g CO2e so far");
  add(live.sci.has_value(), fmt::format("SCI {}/{}", carbon(live.sci), escape(live.r)), "SCI -");
  return phrases;
}

std::string with_dots(const std::vector<Phrase>& phrases) {
  std::string line;
  for (const Phrase& phrase : phrases) line += (line.empty() ? "" : " · ") + phrase.text;
  return line;
}

// As many of them, from the left, as fit.
std::string from_left(const std::vector<Phrase>& phrases, int width) {
  std::string line = phrases.front().text;
  for (std::size_t i = 1; i < phrases.size(); ++i) {
    const std::string longer = line + " · " + phrases[i].text;
    if (width_of(longer) > width) break;
    line = longer;
  }
  return clip(line, width);
}

std::string at_rest(std::vector<Phrase> phrases, const Next& next, int width) {
  std::erase_if(phrases, [](const Phrase& phrase) { return !phrase.known; });
  phrases.insert(phrases.begin(), {next.text, true});
  return from_left(phrases, width);
}

// The time and what is emitted so far go last.
std::string at_work(std::vector<Phrase> phrases, const Next& next, int width) {
  phrases.push_back({next.text, true});
  for (const std::ptrdiff_t least_wanted : {5, 3, 2, 1, 1, 0}) {
    if (width_of(with_dots(phrases)) <= width) break;
    phrases.erase(phrases.begin() + least_wanted);
  }
  return clip(with_dots(phrases), width);
}

std::string line_of(const std::vector<Phrase>& phrases, const Next& next, int width) {
  if (next.text.empty()) return from_left(phrases, width);
  return next.rests ? at_rest(phrases, next, width) : at_work(phrases, next, width);
}

}  // namespace

std::string live_line(const account::Live& live, const Style& style, const Next& next) {
  return paint(line_of(figures(live), next, columns(style) - 1), Ink::dim, style);
}

}  // namespace lowtide::show
