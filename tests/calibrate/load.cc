#include "load.h"

#include <algorithm>
#include <cmath>

namespace lowtide::calibrate {
namespace {

constexpr double kPeriod = 0.1;  // of part-time sampling, and the part of it that is seen
constexpr double kOn = 0.025;
constexpr double kHead = -2;  // nothing is asked about earlier times
constexpr double kTail = 1;   // after the load's end

double log_between(Random& random, double low, double high) {
  return std::exp(between(random, std::log(low), std::log(high)));
}

std::vector<rig::Piece> square(Random& random, double low, double high) {
  const double period = log_between(random, 0.01, 30);
  const double on = period * between(random, 0.2, 0.8);
  return {{on, high, high}, {period - on, low, low}};
}

// Steps of compute and communication, now and then a checkpoint.
std::vector<rig::Piece> training(Random& random, double low, double high) {
  std::vector<rig::Piece> loop;
  const double step = log_between(random, 0.05, 2);
  const double wait = step * between(random, 0.05, 0.4);
  for (int i = 0; i < 40; ++i) {
    // No two steps take as long as each other.
    const double this_step = step * between(random, 0.97, 1.03);
    loop.push_back({this_step - wait, high, high});
    loop.push_back({wait, low, low});
  }
  loop.push_back({between(random, 0.5, 3), low, low});
  return loop;
}

}  // namespace

double between(Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

Load Load::draw(Random& random, double limit_w) {
  Load load;
  load.idle_w_ = between(random, 0.08, 0.2) * limit_w;
  load.seconds_ = log_between(random, 5, 300);
  const double high = between(random, 0.6, 0.95) * limit_w;
  const double low = between(random, load.idle_w_, high);
  switch (std::uniform_int_distribution<int>(0, 3)(random)) {
    case 0:
      load.curve_ = rig::Curve(high, {}, {{1, high, high}});
      break;
    case 1:
      load.curve_ = rig::Curve(high, {{load.seconds_, low, high}}, {{1, high, high}});
      break;
    case 2:
      load.curve_ = rig::Curve(high, {}, square(random, low, high));
      break;
    default:
      load.curve_ = rig::Curve(high, {}, training(random, low, high));
  }
  return load;
}

double Load::watts(double t) const { return t < 0 || t >= seconds_ ? idle_w_ : curve_.watts(t); }

double Load::until(double t) const {
  if (t <= 0) return idle_w_ * t;
  return curve_.joules_until(std::min(t, seconds_)) + idle_w_ * std::max(0.0, t - seconds_);
}

const std::vector<SensorClass>& sensor_classes() {
  static const std::vector<SensorClass> classes = {
      {"counter, live", 75, true, false, 0, 0, false},
      {"counter, each 20 ms", 86, true, false, 0.02, 0, false},
      {"counter, each 100 ms", 89, true, false, 0.1, 0, false},
      {"counter, a quarter seen", 80, true, false, 0.1, 0, true},
      {"power, each 20 ms", 70, false, false, 0.02, 0, false},
      {"power, each 100 ms", 86, false, true, 0.1, 0, false},
      {"power, a quarter seen", 90, false, true, 0.1, 0, true},
      {"power, mean of 1 s", 86, false, false, 0.1, 1, false},
  };
  return classes;
}

Sensor::Sensor(const SensorClass& kind, const Load& load, Random& random, Spread spread)
    : kind_(&kind),
      load_(&load),
      gain_(between(random, 1 - spread.gain, 1 + spread.gain)),
      offset_w_(between(random, -spread.offset_w, spread.offset_w)) {
  phase_s_ = between(random, 0, 0.1);
  if (!kind.duty) return;
  const double end = load.seconds() + kTail;
  double sum = 0;
  for (double begin = kHead + phase_s_; begin < end; begin += kPeriod) {
    sum += load.joules(begin, begin + kOn) / kOn * kPeriod;
    periods_.push_back(sum);
  }
}

double Sensor::tick(double t) const {
  if (kind_->step_s <= 0) return t;
  return std::floor((t - phase_s_) / kind_->step_s) * kind_->step_s + phase_s_;
}

// The energy since kHead as it reached the sensor; with part-time sampling, up to the last whole
// period before t.
double Sensor::seen(double t) const {
  if (!kind_->duty) return load_->joules(kHead, t);
  const double count = std::floor((t - kHead - phase_s_) / kPeriod + 1e-6);
  if (count < 1) return 0;
  return periods_[std::min(static_cast<std::size_t>(count), periods_.size()) - 1];
}

double Sensor::counter_j(double t) const {
  const double at = tick(t);
  return gain_ * seen(at) + offset_w_ * (at - kHead);
}

double Sensor::power_w(double t) const {
  const double at = tick(t);
  const double window = kind_->duty ? kPeriod : kind_->window_s;
  const double seen_w = window > 0 ? (seen(at) - seen(at - window)) / window : load_->watts(at);
  return gain_ * seen_w + offset_w_;
}

}  // namespace lowtide::calibrate
