#include "curve.h"

#include <cstdlib>
#include <map>

namespace lowtide::rig {
namespace {

using Numbers = std::vector<double>;

std::optional<double> parse_number(const std::string& word) {
  char* end = nullptr;
  const double value = std::strtod(word.c_str(), &end);
  if (word.empty() || *end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

// flat W [SECONDS]
Curve flat(const Numbers& n) {
  const bool endless = n.size() < 2;
  const Piece piece{endless ? 1 : n[1], n[0], n[0]};
  return endless ? Curve(0, {}, {piece}) : Curve(0, {piece}, {});
}

// ramp W0 W1 SECONDS, then stays at W1
Curve ramp(const Numbers& n) { return Curve(0, {{n[2], n[0], n[1]}}, {{1, n[1], n[1]}}); }

// square LOW HIGH PERIOD DUTY PHASE: high first; PHASE is the share of a period already over at 0
Curve square(const Numbers& n) {
  const double low = n[0];
  const double high = n[1];
  const double period = n[2];
  const double on = period * n[3];
  const double skip = period * n[4];
  if (skip < on) {
    return Curve(0, {}, {{on - skip, high, high}, {period - on, low, low}, {skip, high, high}});
  }
  return Curve(0, {}, {{period - skip, low, low}, {on, high, high}, {skip - on, low, low}});
}

// spike BASE PEAK AT WIDTH: base for ever, one spike
Curve spike(const Numbers& n) {
  return Curve(0, {{n[2], n[0], n[0]}, {n[3], n[1], n[1]}}, {{1, n[0], n[0]}});
}

// training LOAD_W LOAD_S COMPUTE_W COMM_W STEP_S COMM_SHARE SAVE_W SAVE_S STEPS: loads data once,
// then for ever STEPS times (compute, communicate) and a pause to save a checkpoint
Curve training(const Numbers& n) {
  std::vector<Piece> loop;
  const double comm_s = n[4] * n[5];
  for (int i = 0; i < static_cast<int>(n[8]); ++i) {
    loop.push_back({n[4] - comm_s, n[2], n[2]});
    loop.push_back({comm_s, n[3], n[3]});
  }
  loop.push_back({n[7], n[6], n[6]});
  return Curve(0, {{n[1], n[0], n[0]}}, loop);
}

// list W:SECONDS W:SECONDS .. [repeat]
std::optional<Curve> list(const std::vector<std::string>& words) {
  std::vector<Piece> pieces;
  bool repeat = false;
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "repeat") {
      repeat = true;
      continue;
    }
    const size_t colon = words[i].find(':');
    if (colon == std::string::npos) return std::nullopt;
    const auto watts = parse_number(words[i].substr(0, colon));
    const auto seconds = parse_number(words[i].substr(colon + 1));
    if (!watts || !seconds || *seconds <= 0) return std::nullopt;
    pieces.push_back({*seconds, *watts, *watts});
  }
  if (pieces.empty()) return std::nullopt;
  return repeat ? Curve(0, {}, pieces) : Curve(0, pieces, {});
}

struct Shape {
  size_t least;
  size_t most;
  Curve (*make)(const Numbers&);
};

const std::map<std::string, Shape>& shapes() {
  static const std::map<std::string, Shape> table = {{"flat", {1, 2, flat}},
                                                     {"ramp", {3, 3, ramp}},
                                                     {"square", {5, 5, square}},
                                                     {"spike", {4, 4, spike}},
                                                     {"training", {9, 9, training}}};
  return table;
}

}  // namespace

std::optional<Curve> parse_curve(const std::vector<std::string>& words) {
  if (words.empty()) return std::nullopt;
  if (words[0] == "list") return list(words);
  const auto shape = shapes().find(words[0]);
  if (shape == shapes().end()) return std::nullopt;
  Numbers numbers;
  for (size_t i = 1; i < words.size(); ++i) {
    const auto number = parse_number(words[i]);
    if (!number || *number < 0) return std::nullopt;
    numbers.push_back(*number);
  }
  if (numbers.size() < shape->second.least || numbers.size() > shape->second.most) {
    return std::nullopt;
  }
  return shape->second.make(numbers);
}

}  // namespace lowtide::rig
