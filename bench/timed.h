// What the benchmarks share: a command run to its end, and a row of figures with its spread.
//
// Times are of the steady clock, in milliseconds; CPU time is the command's own and that of the
// children it waited for. One thread.
#pragma once

#include <string>
#include <vector>

namespace lowtide::bench {

struct Timed {
  double wall_ms = 0;
  double cpu_ms = 0;
  int status = 0;  // as wait gives it
};

// Runs `command` (found in PATH) with stdout on /dev/null; ends this program when it cannot be run.
[[nodiscard]] Timed run_timed(const std::vector<std::string>& command);

// Prints "name  min median max unit".
void print_spread(const std::string& name, std::vector<double> values, const char* unit);
[[nodiscard]] double median(std::vector<double> values);
// Prints value, reference, their ratio and the goal beside it.
void print_ratio(const std::string& name, double value, const std::string& reference,
                 double of_reference, double goal);

}  // namespace lowtide::bench
