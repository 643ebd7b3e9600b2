#include "plan/fleet_roster.h"

#include <algorithm>

namespace lowtide::plan {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

}  // namespace

Roster::Roster(const Fleet& fleet)
    : machines_(fleet.machines),
      in_slot_(fleet.intensity.size()),
      slot_seen_(fleet.intensity.size()),
      job_seen_(fleet.jobs.size()),
      came_by_(fleet.intensity.size()) {
  for (const FleetJob& job : fleet.jobs) {
    windows_.push_back(
        {job.begin, job.work.size(), 0, std::vector<bool>(job.deadline - job.begin)});
  }
}

Slots Roster::slots_of(std::size_t job) const {
  const Window& window = windows_[job];
  Slots slots;
  for (std::size_t i = 0; i < window.works.size(); ++i) {
    if (window.works[i]) slots.push_back(window.begin + i);
  }
  return slots;
}

FleetSlots Roster::slots() const {
  FleetSlots all;
  for (std::size_t job = 0; job < windows_.size(); ++job) all.push_back(slots_of(job));
  return all;
}

void Roster::take(std::size_t job, std::size_t slot) {
  Window& window = windows_[job];
  window.works[slot - window.begin] = true;
  ++window.has;
  in_slot_[slot].push_back(job);
}

void Roster::leave(std::size_t job, std::size_t slot) {
  Window& window = windows_[job];
  window.works[slot - window.begin] = false;
  --window.has;
  auto& jobs = in_slot_[slot];
  jobs.erase(std::find(jobs.begin(), jobs.end(), job));
}

void Roster::put(std::size_t job, const Slots& slots) {
  for (const std::size_t slot : slots) take(job, slot);
}

void Roster::clear(std::size_t job) {
  for (const std::size_t slot : slots_of(job)) leave(job, slot);
}

void Roster::extend(std::size_t job, std::size_t deadline) {
  windows_[job].works.resize(deadline - windows_[job].begin);
}

bool Roster::seat(std::size_t job) {
  Window& window = windows_[job];
  for (std::size_t i = 0; i < window.works.size() && window.has < window.count; ++i) {
    const std::size_t slot = window.begin + i;
    if (!window.works[i] && has_room(slot)) take(job, slot);
  }
  while (window.has < window.count) {
    if (!augment(job)) return false;
  }
  return true;
}

// One slot more for the job, by the shortest path.
bool Roster::augment(std::size_t job) {
  ++search_;
  std::vector<std::size_t> reached;
  auto end = reach(job, kNone, reached);
  for (std::size_t i = 0; i < reached.size() && !end; ++i) {
    const std::size_t slot = reached[i];
    for (std::size_t k = 0; k < in_slot_[slot].size() && !end; ++k) {
      end = reach(in_slot_[slot][k], slot, reached);
    }
  }
  if (end) walk_back(job, *end);
  return end.has_value();
}

// Marks the slots that the job could take when it left `from`; gives one with room.
std::optional<std::size_t> Roster::reach(std::size_t job, std::size_t from,
                                         std::vector<std::size_t>& reached) {
  if (job_seen_[job] == search_) return std::nullopt;
  job_seen_[job] = search_;
  const Window& window = windows_[job];
  for (std::size_t i = 0; i < window.works.size(); ++i) {
    const std::size_t slot = window.begin + i;
    if (window.works[i] || slot_seen_[slot] == search_) continue;
    slot_seen_[slot] = search_;
    came_by_[slot] = {job, from};
    if (has_room(slot)) return slot;
    reached.push_back(slot);
  }
  return std::nullopt;
}

void Roster::walk_back(std::size_t job, std::size_t slot) {
  while (true) {
    const Step step = came_by_[slot];
    take(step.job, slot);
    if (step.job == job) return;
    leave(step.job, step.from);
    slot = step.from;
  }
}

}  // namespace lowtide::plan
