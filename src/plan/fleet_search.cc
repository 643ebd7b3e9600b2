#include "plan/fleet_search.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

namespace lowtide::plan {
namespace {

constexpr double kRounding = 1e-12;

}  // namespace

FleetSearch::FleetSearch(const Fleet& fleet, const FleetEffort& effort)
    : fleet_(fleet),
      effort_(effort),
      least_slack_(fleet.jobs.size()),
      prices_(fleet),
      roster_(fleet) {
  std::iota(least_slack_.begin(), least_slack_.end(), std::size_t{0});
  const auto slack = [](const FleetJob& job) { return job.deadline - job.begin - job.work.size(); };
  std::sort(least_slack_.begin(), least_slack_.end(), [&](std::size_t a, std::size_t b) {
    const FleetJob& one = fleet.jobs[a];
    const FleetJob& other = fleet.jobs[b];
    return std::tuple(slack(one), one.deadline, a) < std::tuple(slack(other), other.deadline, b);
  });
  best_.bound = grams(-std::numeric_limits<double>::infinity());
}

// A bound that is above the plan is so by rounding.
FleetPlan FleetSearch::found() {
  best_.bound = std::min(best_.bound, best_.cost.total());
  return std::move(best_);
}

Result<FleetPlan> FleetSearch::search(const FleetSlots& now) {
  seat(now);
  keep_if_better();
  if (auto raised = raise_bound(); !raised) return tl::unexpected(raised.error());
  if (near_enough()) return found();
  prices_.set(best_.price);
  seat_all();
  seat(now);
  improve_all();
  keep_if_better();
  reseat_all();
  return found();
}

// Prices move by a part of the distance between plan and bound; by less when that stops to help.
Result<void> FleetSearch::raise_bound() {
  constexpr int kTries = 6;        // rounds without a better bound
  constexpr int kPlanEvery = 8;    // rounds
  constexpr double kGains = 1e-5;  // of the bound: worth going on for
  double part = 1;
  double awaited = -std::numeric_limits<double>::infinity();
  int in_vain = 0;
  int tries = 0;
  while (best_.rounds < effort_.rounds && in_vain < effort_.patience) {
    const auto bound = prices_.plan_all();
    if (!bound) return tl::unexpected(bound.error());
    tries = keep_bound(*bound) ? 0 : tries + 1;
    in_vain = as_grams(best_.bound) > awaited ? 0 : in_vain + 1;
    if (in_vain == 0) awaited = as_grams(best_.bound) * (1 + kGains);
    if (best_.rounds++ % kPlanEvery == 0) seat_all();
    if (tries >= kTries) part /= 2, tries = 0;
    if (!move_on((best_.cost.total() - *bound) * part)) break;
  }
  return {};
}

bool FleetSearch::keep_bound(Carbon bound) {
  if (bound <= best_.bound) return false;
  best_.bound = bound;
  best_.price = prices_.price();
  return true;
}

bool FleetSearch::move_on(Carbon rise) { return !near_enough() && prices_.move(rise); }

void FleetSearch::seat_all() {
  roster_ = Roster(fleet_);
  for (const std::size_t job : least_slack_) {
    const auto slots = plan_alone(fleet_, job, prices_.price(), &roster_);
    if (slots) {
      roster_.put(job, *slots);
    } else {
      (void)roster_.seat(job);  // it was admitted
    }
  }
  improve_all();
  keep_if_better();
}

void FleetSearch::seat(const FleetSlots& slots) {
  roster_ = Roster(fleet_);
  for (std::size_t job = 0; job < slots.size(); ++job) roster_.put(job, slots[job]);
}

void FleetSearch::improve_all() {
  std::vector<bool> done(fleet_.jobs.size());
  bool gained = true;
  while (gained) {
    gained = false;
    for (const std::size_t job : least_slack_) {
      if (done[job]) continue;
      done[job] = true;
      if (!improve(job)) continue;
      gained = true;
      const FleetJob& moved = fleet_.jobs[job];
      for (std::size_t other = 0; other < done.size(); ++other) {
        const FleetJob& beside = fleet_.jobs[other];
        const bool meets = beside.begin < moved.deadline && moved.begin < beside.deadline;
        if (other != job && meets) done[other] = false;
      }
    }
  }
}

bool FleetSearch::improve(std::size_t job) {
  const Slots before = roster_.slots_of(job);
  const Carbon cost = cost_alone(fleet_, job, before, {}).total();
  roster_.clear(job);
  const auto after = plan_alone(fleet_, job, {}, &roster_);
  const bool gains = after && cost_alone(fleet_, job, *after, {}).total() < cost * (1 - kRounding);
  roster_.put(job, gains ? *after : before);
  return gains;
}

void FleetSearch::reseat_all() {
  constexpr std::size_t kNeighbours = 8;
  constexpr int kPasses = 4;  // forwards and backwards by turns
  seat(best_.slots);
  const Jobs by_begin = jobs_by_begin(fleet_);
  for (int pass = 0; pass < kPasses; ++pass) {
    for (std::size_t first = 0; first < by_begin.size(); ++first) {
      const std::size_t end = std::min(first + kNeighbours, by_begin.size());
      Jobs group(by_begin.begin() + static_cast<std::ptrdiff_t>(first),
                 by_begin.begin() + static_cast<std::ptrdiff_t>(end));
      if (pass % 2 == 1) std::reverse(group.begin(), group.end());
      reseat(group);
    }
  }
  keep_if_better();
}

void FleetSearch::reseat(const Jobs& group) {
  std::vector<Slots> before;
  const Carbon cost = cost_of_jobs(group);
  for (const std::size_t job : group) {
    before.push_back(roster_.slots_of(job));
    roster_.clear(job);
  }
  if (seat_again(group) && cost_of_jobs(group) < cost * (1 - kRounding)) return;
  for (const std::size_t job : group) roster_.clear(job);
  for (std::size_t i = 0; i < group.size(); ++i) roster_.put(group[i], before[i]);
}

// False: one of them found no room, and is without slots.
bool FleetSearch::seat_again(const Jobs& group) {
  constexpr int kTurns = 4;
  for (const std::size_t job : group) {
    const auto slots = plan_alone(fleet_, job, prices_.price(), &roster_);
    if (!slots) return false;
    roster_.put(job, *slots);
  }
  bool gained = true;
  for (int turn = 0; turn < kTurns && gained; ++turn) {
    gained = false;
    for (const std::size_t job : group) gained = improve(job) || gained;
  }
  return true;
}

Carbon FleetSearch::cost_of_jobs(const Jobs& jobs) const {
  Carbon sum;
  for (const std::size_t job : jobs) {
    sum += cost_alone(fleet_, job, roster_.slots_of(job), {}).total();
  }
  return sum;
}

void FleetSearch::keep_if_better() {
  FleetSlots slots = roster_.slots();
  const Cost cost = cost_of(fleet_, slots);
  if (!best_.slots.empty() && cost.total() >= best_.cost.total()) return;
  best_.slots = std::move(slots);
  best_.cost = cost;
}

bool FleetSearch::near_enough() const {
  return best_.cost.total() - best_.bound <= best_.cost.total() * effort_.gap;
}

}  // namespace lowtide::plan
