// Which jobs of a fleet work in which slot. Private to the fleet's planner (fleet.h).
//
// A flow: each job is to get as many slots of its window as it has work, each slot serves as many
// jobs as there are machines. seat() gives a job what it lacks along augmenting paths: a slot with
// room, or one that another job leaves for another slot of its own, and so on. It fails only where
// no assignment serves this job and the seated ones, and it never takes from a seated job.
#pragma once

#include <vector>

#include "plan/fleet.h"

namespace lowtide::plan {

class Roster {
 public:
  explicit Roster(const Fleet& fleet);

  [[nodiscard]] bool has_room(std::size_t slot) const { return in_slot_[slot].size() < machines_; }
  [[nodiscard]] Slots slots_of(std::size_t job) const;
  [[nodiscard]] FleetSlots slots() const;

  void put(std::size_t job, const Slots& slots);
  void clear(std::size_t job);
  // False: it cannot have all; it keeps what it could get. Others are moved only where it must be.
  bool seat(std::size_t job);
  // Lets the job end later from now on.
  void extend(std::size_t job, std::size_t deadline);

 private:
  struct Window {
    std::size_t begin;
    std::size_t count;        // of work slots
    std::size_t has;          // of them
    std::vector<bool> works;  // by slot from begin on
  };
  // How a slot was come by: the job that would take it, and the slot that this job would leave.
  struct Step {
    std::size_t job;
    std::size_t from;
  };

  void take(std::size_t job, std::size_t slot);
  void leave(std::size_t job, std::size_t slot);
  bool augment(std::size_t job);
  [[nodiscard]] std::optional<std::size_t> reach(std::size_t job, std::size_t from,
                                                 std::vector<std::size_t>& reached);
  void walk_back(std::size_t job, std::size_t slot);

  std::size_t machines_;
  std::vector<Window> windows_;
  std::vector<std::vector<std::size_t>> in_slot_;  // jobs
  // Of one search: marks that are older than `search_` do not count.
  std::size_t search_ = 0;
  std::vector<std::size_t> slot_seen_;
  std::vector<std::size_t> job_seen_;
  std::vector<Step> came_by_;
};

}  // namespace lowtide::plan
