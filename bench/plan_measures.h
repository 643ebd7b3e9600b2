// What plan_bench measures. Times of a whole evaluation are wall-clock and CPU time of the process,
// the median of several where one takes under a second or two; those of one thread are CPU time,
// the least of several, so that they hold on a machine that others use too.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"

namespace lowtide::bench {

using Regions = std::vector<std::vector<Intensity>>;

struct Spent {
  double wall_s = 0;
  double cpu_s = 0;
};
[[nodiscard]] Spent flexible_start(const Regions& regions);
[[nodiscard]] Spent lowest_flat(const Regions& regions);
[[nodiscard]] Spent lowest_flat_with_resumes(const Regions& regions);
[[nodiscard]] Spent lowest_profile(const Regions& regions);
[[nodiscard]] Spent exact_flat(const Regions& regions);
// 60 starts spread over the year instead of all.
[[nodiscard]] Spent exact_sixty(const Regions& regions, Energy resume);

// Seconds of one exact plan of `work` slots with `slack`; the profile is not flat.
enum class Charged { no, resume, all };
[[nodiscard]] double one_job(const std::vector<Intensity>& series, std::size_t work,
                             std::size_t slack, Charged charged);

// A month of jobs of 19 h with 24 h of slack, one every 6 h, on so many machines.
struct FleetFigures {
  std::size_t jobs;
  int rounds;  // of prices
  double gap;
  double seconds;
};
[[nodiscard]] FleetFigures month_of_jobs(const std::vector<Intensity>& series,
                                         std::size_t machines);

struct States {
  std::size_t lanes;
  double clock_hz;
  double a_second;
};
[[nodiscard]] States states_a_second(const std::vector<Intensity>& series);

struct Compared {
  std::string name;  // plan_numpy.py has the same
  double ours_ns;    // a start
  double plain_ns;   // sweep_reference.h, or for the baseline the plainest loops
  double sum;        // grams, over the starts that plan_numpy.py takes
};
[[nodiscard]] std::vector<Compared> compare(const std::vector<Intensity>& series, std::size_t work,
                                            std::size_t slack);

[[nodiscard]] std::string vectors_in_use();

}  // namespace lowtide::bench
