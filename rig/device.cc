#include "device.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace lowtide::rig {
namespace {

// The last refresh at or before `now`; `now` itself for a live sensor.
double refreshed(double now, double step_s) {
  return step_s > 0 ? std::floor(now / step_s) * step_s : now;
}

unsigned to_mw(double watts) {
  return static_cast<unsigned>(std::lround(std::max(0.0, watts) * 1000));
}

}  // namespace

bool Device::lost(double now, std::optional<double> start) const {
  return start && now - *start >= lost_at_s && !back(now, start);
}

bool Device::back(double now, std::optional<double> start) const {
  return start && now - *start >= back_at_s;
}

int Device::compute_capability() const {
  // Kepler, Maxwell, Pascal, Volta, Turing, Ampere, Ada, Hopper, Blackwell; NVIDIA's list of
  // CUDA GPUs, read 2026-11-24.
  static const int first[] = {0, 0, 35, 52, 60, 70, 75, 80, 89, 90, 100};
  if (capability > 0) return capability;
  return architecture < std::size(first) ? first[architecture] : 100;
}

bool Device::failing(double now, std::optional<double> start) const {
  return start && now - *start >= fail_from_s && now - *start < fail_until_s;
}

double Device::true_joules(double now, std::optional<double> start) const {
  if (!start) return curve.idle_w() * now;
  return curve.idle_w() * *start + curve.joules_until(now - *start);
}

// With a duty cycle: the truth up to the period in which the curve starts, then each whole period
// as the sensor saw it. A period counts when it is over.
double Device::seen_joules(double now, std::optional<double> start) const {
  if (sensor.duty_on_s <= 0) return true_joules(now, start);
  const double period = sensor.duty_period_s;
  // A tick that is a whole number of periods may come a hair below it in floating point.
  const double last = std::floor(now / period + 1e-6);
  if (!start || now < *start) return true_joules(last * period, start);
  const double first = std::floor(*start / period);
  double joules = true_joules(first * period, start);
  for (double k = first; k < last; ++k) {
    const double begin = k * period;
    const double on = true_joules(begin + sensor.duty_on_s, start) - true_joules(begin, start);
    joules += on / sensor.duty_on_s * period;
  }
  return joules;
}

uint64_t Device::counter_mj(double now, std::optional<double> start) const {
  const auto reported = [&](double at) {
    const double tick = refreshed(at, sensor.counter_step_s);
    return seen_joules(tick, start) * sensor.gain + sensor.offset_w * tick;
  };
  const double t = start ? now - *start : 0;
  const bool frozen = start && t >= freeze_from_s && t < freeze_until_s;
  double joules = reported(frozen ? *start + freeze_from_s : now);
  if (start && freeze_forgets && t >= freeze_until_s) {
    joules -= reported(*start + freeze_until_s) - reported(*start + freeze_from_s);
  }
  if (start && t >= reset_at_s) joules -= reported(*start + reset_at_s);
  if (start && t >= jump_at_s) joules += jump_joules;
  return static_cast<uint64_t>(std::floor(std::max(0.0, joules) * 1000));
}

double Device::seen_watts(double from, double to, std::optional<double> start) const {
  const double joules = seen_joules(to, start) - seen_joules(from, start);
  return joules / (to - from) * sensor.gain + sensor.offset_w;
}

unsigned Device::average_mw(double now, std::optional<double> start) const {
  if (sensor.window_s <= 0) return instant_mw(now, start);
  const double tick = refreshed(now, sensor.refresh_s);
  return to_mw(seen_watts(tick - sensor.window_s, tick, start) * sensor.power_gain);
}

unsigned Device::instant_mw(double now, std::optional<double> start) const {
  if (sensor.duty_on_s > 0) {
    const double tick = refreshed(now, sensor.duty_period_s);
    return to_mw(seen_watts(tick - sensor.duty_period_s, tick, start) * sensor.power_gain);
  }
  const double tick = refreshed(now, sensor.refresh_s);
  const double watts = start ? curve.watts(tick - *start) : curve.idle_w();
  return to_mw((watts * sensor.gain + sensor.offset_w) * sensor.power_gain);
}

unsigned Device::busy_percent(double now, std::optional<double> start) const {
  const double watts = start ? curve.watts(now - *start) : curve.idle_w();
  const double range = limit_mw / 1000.0 - curve.idle_w();
  if (range <= 0) return 0;
  return static_cast<unsigned>(std::clamp((watts - curve.idle_w()) / range * 100, 0.0, 100.0));
}

}  // namespace lowtide::rig
