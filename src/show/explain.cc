#include "show/explain.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace lowtide::show {
namespace {

constexpr int kDigits = 6;
constexpr std::size_t kNames = 8;  // of a sum

// Six digits and no exponent where a person would write none.
std::string digits(double value) {
  if (value == 0) return "0";
  const int power = static_cast<int>(std::floor(std::log10(std::abs(value))));
  if (power < -9 || power > 14) return fmt::format("{:.{}g}", value, kDigits);
  std::string text = fmt::format("{:.{}f}", value, std::max(0, kDigits - 1 - power));
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string number_of(const Value& value) {
  return digits(value.value) + (value.unit.empty() ? "" : " " + value.unit);
}

// The formula with each {} replaced in turn.
template <typename Spell>
std::string filled(const Step& step, Spell spell_value) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < step.formula.size(); ++at) {
    const bool slot = step.formula.compare(at, 2, "{}") == 0 && next < step.inputs.size();
    if (slot) {
      out += spell_value(step.inputs[next++]);
      ++at;
    } else {
      out += step.formula[at];
    }
  }
  return out;
}

// A long sum is told by its ends: piece 1 + .. + piece 36.
std::string names(const Step& step) {
  const bool sum = step.formula.find_first_not_of("{} +") == std::string::npos;
  if (sum && step.inputs.size() > kNames) {
    return escape(step.inputs.front().name + " + .. + " + step.inputs.back().name);
  }
  return filled(step, [](const Value& value) { return escape(value.name); });
}

std::string equation(const Step& step) {
  if (!step.result) return {};
  const std::string result = escape(step.result->name) + " = ";
  if (step.inputs.empty()) return result + number_of(*step.result);
  return result + names(step) + " = " + filled(step, number_of) + " = " + number_of(*step.result);
}

std::string indented(const std::string& text, int indent, const Style& style) {
  std::string out;
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  for (const std::string& line : wrap(text, columns(style) - indent, 2)) {
    out += margin + line + "\n";
  }
  return out;
}

// What the step is, and at the right where it is explained.
std::string title(const Step& step, const Style& style) {
  std::string what = escape(step.what);
  if (step.span) what += " · " + local_time(step.span->begin) + " to " + local_time(step.span->end);
  const std::string place = "methods.md#" + step.anchor;
  const int room = columns(style) - 2 - width_of(place);
  if (room < width_of(what))
    return indented(what, 1, style) + indented(paint(place, Ink::dim, style), 1, style);
  return " " + pad(what, room) + " " + paint(place, Ink::dim, style) + "\n";
}

}  // namespace

std::string explanation_text(const Explanation& explanation, const Style& style) {
  std::string out;
  for (const Section& section : explanation.sections) {
    out += (out.empty() ? "" : "\n") +
           paint(clip(escape(section.title), columns(style)), Ink::bold, style) + "\n";
    for (const Step& step : section.steps) {
      out += title(step, style);
      if (const std::string line = equation(step); !line.empty()) out += indented(line, 3, style);
      if (!step.note.empty()) out += indented("(" + escape(step.note) + ")", 3, style);
    }
  }
  return out;
}

}  // namespace lowtide::show
