// Many jobs on K like machines: may they all be on time, the least that any plan of them can emit,
// and a plan.
//
// Slots are those of one series (problem.h), numbered from its first. A machine works for one job
// in a slot, a job is on one machine at most, and may go on on another one after a pause; a resume
// costs energy, nothing else. Every slot gets a price, grams for a machine for the slot: each job
// is planned alone at its own carbon plus prices, by the exact planner, and what that comes to,
// less what K machines are worth at these prices, is under what any plan emits. Pure, and the same
// on every run. docs/planning.md, "Many jobs".
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "plan/problem.h"

namespace lowtide::plan {

struct FleetJob {
  std::span<const Energy> work;  // of each work slot, in order
  std::size_t begin = 0;         // the slot in which it could begin at the earliest
  std::size_t deadline = 0;      // the slot before which it is done
  Energy resume;                 // per resume, in the slot in which work goes on
};

struct Fleet {
  std::span<const Intensity> intensity;
  std::vector<FleetJob> jobs;
  std::size_t machines = 1;
};

// Error malformed: no job, no machine, a deadline past the series or before the work can be done;
// otherwise what check(Problem) says of a job. `where` names the job by its number, from 0.
[[nodiscard]] Result<void> check(const Fleet& fleet);

// A job whose deadline cannot be met beside those that were let in before it.
struct Refused {
  std::size_t job = 0;
  std::optional<std::size_t> deadline;  // the earliest that could; absent: none within the series
};
struct Admission {
  std::vector<std::size_t> admitted;  // numbers of jobs, in the fleet's order
  std::vector<Refused> refused;       // likewise
};
// Lets jobs in one after the other, in the fleet's order, as long as all deadlines can be met at
// once. Exact: slots are a flow from jobs to machines, and a job is refused when no change of what
// others were given makes room (earliest deadline first or least laxity first would refuse some
// that fit). Of a checked fleet, but for deadlines that come before the work can be done.
[[nodiscard]] Admission admit(const Fleet& fleet);

// Of each job, in the slots of the series.
using FleetSlots = std::vector<Slots>;

[[nodiscard]] Cost cost_of(const Fleet& fleet, const FleetSlots& slots);

// How far more machines would be needed.
struct Overload {
  std::size_t slots = 0;  // in which more than K jobs work
  std::size_t most = 0;   // jobs in one slot
};
[[nodiscard]] Overload overload_of(const Fleet& fleet, const FleetSlots& slots);

// Each job planned as though it had a machine for itself. A plan where nothing is overloaded.
[[nodiscard]] Result<FleetSlots> plan_independent(const Fleet& fleet);

// Without shifting, as a queue would: in order of their begin, each in the first unbroken stretch
// for which a machine is free; where none is before its deadline, in the first free slots; where
// they are too few, others make room. Absent when admit() refuses a job.
[[nodiscard]] Result<FleetSlots> plan_now(const Fleet& fleet);

struct FleetEffort {
  double gap = 1e-3;  // of the plan's cost, between plan and bound: near enough
  int rounds = 200;   // of prices
  int patience = 40;  // rounds in which the bound gains nothing to speak of
};
struct FleetPlan {
  FleetSlots slots;
  Cost cost;
  Carbon bound;               // no plan costs less
  std::vector<Carbon> price;  // of each slot, at which the bound holds
  int rounds = 0;
  // Between plan and bound, of the plan's cost; 0 where nothing is emitted.
  [[nodiscard]] double gap() const {
    return cost.total() > Carbon{} ? (cost.total() - bound) / cost.total() : 0;
  }
};
// Of a checked fleet. Errors: absent when admit() refuses a job, names the first and the earliest
// deadline that could be met; malformed where a job is too large to plan exactly.
[[nodiscard]] Result<FleetPlan> plan_fleet(const Fleet& fleet, const FleetEffort& effort = {});

// What any plan costs at least, by these prices (one a slot, at least zero).
[[nodiscard]] Result<Carbon> fleet_bound(const Fleet& fleet, std::span<const Carbon> price);

}  // namespace lowtide::plan
