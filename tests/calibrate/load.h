// Random jobs, and random sensors that watch them: what calibrate.cc puts in front of the real
// meter.
//
// A load is a power curve on [0, seconds) of job time and idle outside it. A sensor shows the load
// with a gain, an offset, an update step, a window it averages over and, on some boards, only a
// quarter of the time (arXiv:2312.02741). Seconds, watts, joules as raw doubles on purpose: nothing
// of src/ is shared with what is checked. Values; one thread.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "curve.h"

namespace lowtide::calibrate {

using Random = std::mt19937_64;

[[nodiscard]] double between(Random& random, double low, double high);

class Load {
 public:
  // Flat, ramp, square wave of 10 ms to 30 s, training steps; 60 to 95 % of `limit_w` at its
  // highest, 5 s to 5 min long.
  [[nodiscard]] static Load draw(Random& random, double limit_w);

  [[nodiscard]] double seconds() const { return seconds_; }
  [[nodiscard]] double watts(double t) const;
  [[nodiscard]] double joules(double from, double to) const { return until(to) - until(from); }

 private:
  [[nodiscard]] double until(double t) const;  // from 0; negative before it
  rig::Curve curve_;
  double seconds_ = 0;
  double idle_w_ = 0;
};

// What a sensor of a class can be; the draws are even between the ends.
struct SensorClass {
  std::string name;
  int capability = 0;    // CUDA's, major x 10 + minor
  bool counter = false;  // else power is polled
  bool instant = false;  // field 186
  double step_s = 0;     // of the counter or of the power value; 0: live
  double window_s = 0;   // a mean
  bool duty = false;     // 25 ms of each 100 ms
};
[[nodiscard]] const std::vector<SensorClass>& sensor_classes();

// What makers state: +-5 % and +-5 W (docs/accuracy.md).
inline constexpr double kStatedGain = 0.05;
inline constexpr double kStatedOffsetW = 5;

// How far gains and offsets are drawn, either way. Nothing: what is left is the class's way of
// looking.
struct Spread {
  double gain = kStatedGain;
  double offset_w = kStatedOffsetW;
};

class Sensor {
 public:
  Sensor(const SensorClass& kind, const Load& load, Random& random, Spread spread);

  [[nodiscard]] double counter_j(double t) const;
  [[nodiscard]] double power_w(double t) const;

 private:
  [[nodiscard]] double seen(double t) const;
  [[nodiscard]] double tick(double t) const;

  const SensorClass* kind_;
  const Load* load_;
  double gain_ = 1;
  double offset_w_ = 0;
  double phase_s_ = 0;
  std::vector<double> periods_;  // duty: what was seen up to the end of each period, from kHead on
};

}  // namespace lowtide::calibrate
