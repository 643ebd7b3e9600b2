// What LOWTIDE_RIG names: the script that the fake libnvidia-ml.so.1 plays. Format and every key:
// docs/rig.md. One line, one fact; `device UUID` opens a device and later lines belong to it.
#ifndef LOWTIDE_RIG_SCRIPT_H_
#define LOWTIDE_RIG_SCRIPT_H_

#include <istream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "device.h"
#include "origin.h"

namespace lowtide::rig {

// From its `first` to its `last` call in a process, a function answers `code` or never returns.
struct CallRule {
  std::string function;  // `any`: every function, counted together
  long first = 1;
  long last = 1;
  int code = 0;
  bool hang = false;
};

struct Script {
  Origin origin;
  std::string driver = "550.54.15";
  double delay_s = 0;                                          // of each call
  double hang_at_s = std::numeric_limits<double>::infinity();  // curve time: nothing returns after
  std::vector<CallRule> rules;
  std::string log_path;  // one line a call: boot time, pid, function, device, answer, value
  std::vector<Device> devices;
};

// Nothing on a malformed script; then `error` says line and word.
std::optional<Script> parse_script(std::istream& text, std::string* error);

std::vector<std::string> split_words(const std::string& line);

}  // namespace lowtide::rig

#endif  // LOWTIDE_RIG_SCRIPT_H_
