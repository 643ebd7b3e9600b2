// What the parts of an explanation share; for derivation*.cc alone.
#pragma once

#include <fmt/core.h>

#include <string>
#include <utility>
#include <vector>

#include "show/derivation.h"

namespace lowtide::show {

inline Value in_kwh(std::string name, Energy e) { return {std::move(name), as_kwh(e), "kWh"}; }
inline Value in_grams(std::string name, Carbon c) { return {std::move(name), as_grams(c), "g"}; }
inline Value in_watts(std::string name, Power p) { return {std::move(name), as_watts(p), "W"}; }
inline Value in_seconds(std::string name, Duration d) {
  return {std::move(name), as_seconds(d), "s"};
}
inline Value in_g_per_kwh(std::string name, Intensity i) {
  return {std::move(name), as_grams_per_kwh(i), "g/kWh"};
}
inline Value plain(std::string name, double x) { return {std::move(name), x, ""}; }

// One chapter of methods.md, filled step by step.
class Chapter {
 public:
  Chapter(std::string title, std::string anchor)
      : section_{std::move(title), {}}, anchor_(std::move(anchor)) {}

  Step& work(std::string what, std::string formula, std::vector<Value> inputs, Value result) {
    section_.steps.push_back({std::move(what),
                              anchor_,
                              std::move(formula),
                              std::move(inputs),
                              std::move(result),
                              {},
                              {}});
    return section_.steps.back();
  }
  // "{} + {} + {}".
  Step& add_up(std::string what, std::vector<Value> inputs, Value result) {
    std::string formula;
    for (std::size_t i = 0; i < inputs.size(); ++i) formula += i == 0 ? "{}" : " + {}";
    return work(std::move(what), formula, std::move(inputs), std::move(result));
  }
  Step& say(std::string what, std::string note) {
    section_.steps.push_back({std::move(what), anchor_, {}, {}, {}, std::move(note), {}});
    return section_.steps.back();
  }
  Step& state(std::string what, Value value) {
    section_.steps.push_back({std::move(what), anchor_, {}, {}, std::move(value), {}, {}});
    return section_.steps.back();
  }
  void at(std::string anchor) { anchor_ = std::move(anchor); }
  Section take() { return std::move(section_); }

 private:
  Section section_;
  std::string anchor_;
};

// Of a long list the first and the last are shown, unless all are wanted.
inline bool shown(std::size_t i, std::size_t count, bool all) {
  return all || count <= 3 || i == 0 || i + 1 == count;
}
// The same list, with those that are not shown as one sum.
inline std::vector<Value> elided(std::vector<Value> values, bool all) {
  if (all || values.size() <= 3) return values;
  Value between{fmt::format("{} between", values.size() - 2), 0, values.front().unit};
  for (std::size_t i = 1; i + 1 < values.size(); ++i) between.value += values[i].value;
  return {values.front(), between, values.back()};
}

inline std::string with_note(const std::string& text, const std::string& note) {
  return note.empty() ? text : text + ": " + note;
}

// derivation_channel.cc
[[nodiscard]] Section explain_channel(const RunRecord& record, const account::Report& report,
                                      std::size_t number, bool all);
// derivation_bounds.cc
[[nodiscard]] Section explain_bounds(const RunRecord& record, const account::Report& report);

}  // namespace lowtide::show
