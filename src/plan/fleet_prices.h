// Prices of a fleet's slots, and what each job does at them. Private to the fleet's planner
// (fleet.h).
#pragma once

#include <vector>

#include "plan/fleet.h"
#include "plan/fleet_roster.h"

namespace lowtide::plan {

// One job's question in its own window. `price` is of all slots, or empty; the problem looks at
// both.
[[nodiscard]] Problem problem_of(const Fleet& fleet, std::size_t job,
                                 std::span<const Carbon> price);
// Its exact plan, in slots that have room where a roster is given. Errors: those of exact(); absent
// when the window is shorter than the work.
[[nodiscard]] Result<Slots> plan_alone(const Fleet& fleet, std::size_t job,
                                       std::span<const Carbon> price, const Roster* roster);
[[nodiscard]] Cost cost_alone(const Fleet& fleet, std::size_t job, const Slots& slots,
                              std::span<const Carbon> price);
// Numbers of the jobs by their begin, then in the fleet's order.
[[nodiscard]] std::vector<std::size_t> jobs_by_begin(const Fleet& fleet);
// Jobs in each slot.
[[nodiscard]] std::vector<std::size_t> use_of(const Fleet& fleet, const FleetSlots& slots);

// Raised where more jobs want a slot than there are machines, lowered where fewer do.
class Prices {
 public:
  explicit Prices(const Fleet& fleet) : fleet_(fleet), price_(fleet.intensity.size()) {}

  void set(std::span<const Carbon> price) { price_.assign(price.begin(), price.end()); }
  [[nodiscard]] const std::vector<Carbon>& price() const { return price_; }
  // Each job at the present prices; what all cost, less K machines at these prices: a bound.
  [[nodiscard]] Result<Carbon> plan_all();
  // What they do then.
  [[nodiscard]] const FleetSlots& slots() const { return slots_; }
  // Moves the prices along what was wanted too much and too little in this round and, fading, in
  // those before, so far that the bound would rise by `rise` if it rose evenly. False: nothing is
  // wanted too much, and nothing that has a price too little.
  [[nodiscard]] bool move(Carbon rise);

 private:
  const Fleet& fleet_;
  std::vector<Carbon> price_;
  FleetSlots slots_;
  std::vector<double> way_;
};

}  // namespace lowtide::plan
