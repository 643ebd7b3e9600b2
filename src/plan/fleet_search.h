// The search for a fleet's plan: prices for the bound, and jobs seated at them. Private to the
// fleet's planner (fleet.h).
#pragma once

#include <vector>

#include "plan/fleet.h"
#include "plan/fleet_prices.h"
#include "plan/fleet_roster.h"

namespace lowtide::plan {

class FleetSearch {
 public:
  FleetSearch(const Fleet& fleet, const FleetEffort& effort);
  // No worse than `now`, a plan.
  [[nodiscard]] Result<FleetPlan> search(const FleetSlots& now);

 private:
  using Jobs = std::vector<std::size_t>;

  [[nodiscard]] Result<void> raise_bound();
  // Whether this is the best bound so far.
  bool keep_bound(Carbon bound);
  // False: plan and bound are near enough, or no other prices would be better.
  [[nodiscard]] bool move_on(Carbon rise);
  // All jobs at the present prices, in least_slack_ order; one that finds no room makes others
  // move. Kept where it is the best plan so far.
  void seat_all();
  void seat(const FleetSlots& slots);
  // Each job again, alone, in what the others leave free, until none gains.
  void improve_all();
  [[nodiscard]] bool improve(std::size_t job);
  // Neighbours in time give up their slots and are seated again, at the best prices and in another
  // order; they keep what they had where that is no gain.
  void reseat_all();
  void reseat(const Jobs& group);
  [[nodiscard]] bool seat_again(const Jobs& group);
  [[nodiscard]] Carbon cost_of_jobs(const Jobs& jobs) const;
  void keep_if_better();
  [[nodiscard]] bool near_enough() const;
  [[nodiscard]] FleetPlan found();

  const Fleet& fleet_;
  FleetEffort effort_;
  Jobs least_slack_;  // then of the earliest deadline, then in the fleet's order
  Prices prices_;
  Roster roster_;
  FleetPlan best_;
};

}  // namespace lowtide::plan
