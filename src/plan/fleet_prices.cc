#include "plan/fleet_prices.h"

#include <algorithm>
#include <numeric>

#include "plan/exact.h"

namespace lowtide::plan {

Problem problem_of(const Fleet& fleet, std::size_t job, std::span<const Carbon> price) {
  const FleetJob& one = fleet.jobs[job];
  const std::size_t window = one.deadline - one.begin;
  Problem problem{fleet.intensity.subspan(one.begin, window), one.work};
  problem.charges.resume = one.resume;
  if (!price.empty()) problem.price = price.subspan(one.begin, window);
  return problem;
}

Result<Slots> plan_alone(const Fleet& fleet, std::size_t job, std::span<const Carbon> price,
                         const Roster* roster) {
  const FleetJob& one = fleet.jobs[job];
  Problem problem = problem_of(fleet, job, price);
  if (problem.intensity.size() < problem.work.size()) {
    return fail(ErrorKind::absent, "the window is shorter than the job",
                "job " + std::to_string(job));
  }
  if (roster != nullptr) {
    for (std::size_t slot = one.begin; slot < one.deadline; ++slot) {
      problem.forbidden.push_back(!roster->has_room(slot));
    }
  }
  auto plan = exact(problem);
  if (!plan) {
    plan.error().where = "job " + std::to_string(job);
    return tl::unexpected(plan.error());
  }
  for (std::size_t& slot : plan->slots) slot += one.begin;
  return std::move(plan->slots);
}

Cost cost_alone(const Fleet& fleet, std::size_t job, const Slots& slots,
                std::span<const Carbon> price) {
  Slots own = slots;
  for (std::size_t& slot : own) slot -= fleet.jobs[job].begin;
  return cost_of(problem_of(fleet, job, price), own);
}

std::vector<std::size_t> jobs_by_begin(const Fleet& fleet) {
  std::vector<std::size_t> order(fleet.jobs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(fleet.jobs[a].begin, a) < std::pair(fleet.jobs[b].begin, b);
  });
  return order;
}

std::vector<std::size_t> use_of(const Fleet& fleet, const FleetSlots& slots) {
  std::vector<std::size_t> use(fleet.intensity.size());
  for (const Slots& of_job : slots) {
    for (const std::size_t slot : of_job) ++use[slot];
  }
  return use;
}

Result<Carbon> Prices::plan_all() {
  slots_.clear();
  Carbon sum;
  for (std::size_t job = 0; job < fleet_.jobs.size(); ++job) {
    auto slots = plan_alone(fleet_, job, price_, nullptr);
    if (!slots) return tl::unexpected(slots.error());
    sum += cost_alone(fleet_, job, *slots, price_).total();
    slots_.push_back(std::move(*slots));
  }
  const Carbon machine = std::accumulate(price_.begin(), price_.end(), Carbon{});
  return sum - machine * static_cast<double>(fleet_.machines);
}

bool Prices::move(Carbon rise) {
  constexpr double kFades = 0.6;  // a round
  const auto machines = static_cast<double>(fleet_.machines);
  const auto use = use_of(fleet_, slots_);
  way_.resize(price_.size());
  double length = 0;
  bool off = false;
  for (std::size_t slot = 0; slot < price_.size(); ++slot) {
    const double over = static_cast<double>(use[slot]) - machines;
    const bool none = price_[slot] == Carbon{};
    off = off || over > 0 || (over < 0 && !none);
    way_[slot] = over + kFades * way_[slot];
    if (none) way_[slot] = std::max(way_[slot], 0.0);  // a price is not below zero
    length += way_[slot] * way_[slot];
  }
  if (!off || length == 0) return off;
  for (std::size_t slot = 0; slot < price_.size(); ++slot) {
    price_[slot] = std::max(Carbon{}, price_[slot] + rise * (way_[slot] / length));
  }
  return true;
}

}  // namespace lowtide::plan
