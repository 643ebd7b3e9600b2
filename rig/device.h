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
  double power_gain = 1;  // of the power path alone
  double offset_w = 0;
  double duty_on_s = 0;  // 0: sees all
  double duty_period_s = 0;
};

enum class Contexts { unsupported, none, pids, file };

// SM utilisation of the processes that a file names, for as long as they live.
struct Load {
  unsigned percent = 0;
  std::string pid_file;
};

// A MIG instance; the processes that its file names run in it.
struct Part {
  std::string uuid;
  unsigned slices = 1;
  std::string pid_file;
};

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
  std::vector<std::string> pid_files;
  std::vector<Load> loads;  // none: the load in equal shares
  bool tells_loads = true;  // ProcessUtilization is supported
  std::vector<Part> parts;  // instance N is parts[N - 1]
  int mig_mode = -1;        // -1: not supported
  double delay_s = 0;
  // Curve times; never, unless the script says so.
  double lost_at_s = std::numeric_limits<double>::infinity();
  double back_at_s = std::numeric_limits<double>::infinity();  // after lost_at_s, new handles only
  double reset_at_s = std::numeric_limits<double>::infinity();
  double freeze_from_s = std::numeric_limits<double>::infinity();  // the counter stands still
  double freeze_until_s = std::numeric_limits<double>::infinity();
  bool freeze_forgets = false;  // what was used meanwhile is never counted
  double jump_at_s = std::numeric_limits<double>::infinity();
  double jump_joules = 0;
  double fail_from_s = std::numeric_limits<double>::infinity();  // each call answers fail_code
  double fail_until_s = 0;
  int fail_code = 0;

  // `start`: boot time of curve time 0, nothing while it has not begun (then the GPU is idle).
  bool lost(double now, std::optional<double> start) const;
  bool back(double now, std::optional<double> start) const;
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
