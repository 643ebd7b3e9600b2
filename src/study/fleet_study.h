// A study's jobs as a queue meets them: arrivals over a region's series, on K machines. What
// starting at once emits, what each job would save if it had a machine for itself, what K machines
// allow, and the bound. Pure; the planner is plan/fleet.h.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/fleet.h"
#include "study/study.h"

namespace lowtide::study {

struct FleetAsk {
  std::vector<std::size_t> jobs;      // of the study: arrivals take them in turn; at least one
  StudyWindow window;                 // how long after its own length each may end
  std::vector<std::size_t> machines;  // K; a row each
  Duration every{};                   // from one arrival to the next, from the series' begin on
  double a_day = 0;                   // where `every` is 0: at random, so many a day on average
  std::uint64_t seed = 1;             // of those
  Duration resume{};                  // a resume costs so long of the job's mean power
};

struct FleetArrival {
  std::size_t slot = 0;
  std::size_t job = 0;  // of the study
  bool operator==(const FleetArrival&) const = default;
};
// Over so many slots, in order. Arrivals at random have exponential gaps; a list depends on the
// seed and the rate alone.
[[nodiscard]] std::vector<FleetArrival> arrivals_of(const Study& study, const FleetAsk& ask,
                                                    std::size_t slots);

// Of the admitted jobs, all of it. Without any, carbon is zero and savings are NaN.
struct FleetRow {
  std::size_t region = 0;
  std::size_t machines = 0;
  std::size_t arrived = 0;
  std::size_t dropped = 0;    // whose window leaves the series or touches a gap
  std::size_t admitted = 0;   // of the rest: whose deadline can be met beside those before it
  double in_use = 0;          // share of the machines' slots of the whole series that work
  Carbon now{};               // as a queue starts them, plan::plan_now
  Carbon independent{};       // each as though it had a machine for itself
  plan::Overload overload{};  // of that
  Carbon plan{};
  Carbon bound{};
  int resumes = 0;  // of the plan

  [[nodiscard]] double independent_pct() const { return pct(independent); }
  [[nodiscard]] double plan_pct() const { return pct(plan); }
  [[nodiscard]] double bound_pct() const { return pct(bound); }
  // Between plan and bound, of the plan.
  [[nodiscard]] double gap_pct() const;

 private:
  [[nodiscard]] double pct(Carbon then) const;  // saved of `now`
};

// By the number of machines, as they come first: counts, grams and overloaded slots added up over
// regions, `most` the highest, `in_use` the mean. `region` of each means nothing.
[[nodiscard]] std::vector<FleetRow> fleet_over_regions(const std::vector<FleetRow>& rows);

// Error malformed where a job is too large to plan exactly.
[[nodiscard]] Result<FleetRow> fleet_row(const Study& study, const FleetAsk& ask,
                                         std::size_t region, std::size_t machines);

}  // namespace lowtide::study
