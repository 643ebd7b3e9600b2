// One fake GPU: the true power curve seen through the sensor that a script describes.
//
// The truth is the curve; what a sensor reports is a closed form of it, so nothing drifts and no
// thread runs: every process that loads the fake library gets the same counter at the same time.
//   counter    energy since boot, times gain, plus offset; refreshed each `counter_step_s`
//   power      mean over `window_s` (0: instantaneous), refreshed each `refresh_s`
//   duty       the sensor sees only the first `duty_on_s` of each `duty_period_s` and takes it for
//              the whole (as seen on real boards: arXiv 2312.02741, 2023)
// Units: seconds of boot time, joules, watts; mJ and mW at the edge, as the library has them.
// Owner: values. Const members are safe from any thread.
#ifndef LOWTIDE_RIG_DEVICE_H_
#define LOWTIDE_RIG_DEVICE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "curve.h"

namespace lowtide::rig {

struct Sensor {
  bool has_counter = true;
  double counter_step_s = 0;  // 0: live
  bool has_power = true;      // PowerUsage and, on newer boards, field 185
  double window_s = 1;        // of PowerUsage
  double refresh_s = 0;       // 0: live
  bool has_instant = true;    // field 186
  double gain = 1;
  double offset_w = 0;
  double duty_on_s = 0;  // 0: sees all
  double duty_period_s = 0;
};

enum class Contexts { unsupported, none, pids, file };

struct Device {
  std::string uuid;
  std::string name = "Rig GPU";
  unsigned architecture = 9;
  int capability = 0;  // CUDA's, major x 10 + minor; 0: what the architecture had first
  unsigned limit_mw = 700000;
  Curve curve;
  Sensor sensor;
  Contexts contexts = Contexts::unsupported;
  std::vector<unsigned> pids;
  std::string pid_file;
  int mig_mode = -1;  // -1: not supported
  double delay_s = 0;
  // Curve times; never, unless the script says so.
  double lost_at_s = std::numeric_limits<double>::infinity();
  double reset_at_s = std::numeric_limits<double>::infinity();
  double fail_from_s = std::numeric_limits<double>::infinity();  // each call answers fail_code
  double fail_until_s = 0;
  int fail_code = 0;

  // `start`: boot time of curve time 0, nothing while it has not begun (then the GPU is idle).
  bool lost(double now, std::optional<double> start) const;
  bool failing(double now, std::optional<double> start) const;
  int compute_capability() const;
  uint64_t counter_mj(double now, std::optional<double> start) const;
  unsigned average_mw(double now, std::optional<double> start) const;
  unsigned instant_mw(double now, std::optional<double> start) const;
  unsigned busy_percent(double now, std::optional<double> start) const;

  // Energy since boot as it was: no gain, offset or steps.
  double true_joules(double now, std::optional<double> start) const;

 private:
  double seen_joules(double now, std::optional<double> start) const;
  double seen_watts(double from, double to, std::optional<double> start) const;
};

}  // namespace lowtide::rig

#endif  // LOWTIDE_RIG_DEVICE_H_
