#include "plan/fleet.h"

#include <algorithm>
#include <numeric>

#include "plan/exact.h"
#include "plan/fleet_prices.h"
#include "plan/fleet_roster.h"
#include "plan/fleet_search.h"

namespace lowtide::plan {
namespace {

std::string number_of(std::size_t job) { return "job " + std::to_string(job); }

Result<void> check_job(const Fleet& fleet, std::size_t number) {
  const FleetJob& job = fleet.jobs[number];
  if (job.deadline > fleet.intensity.size() || job.begin >= job.deadline) {
    return fail(ErrorKind::malformed, "its deadline is not after its begin and within the series",
                number_of(number));
  }
  // That the work fits is what admit() says.
  Problem problem = problem_of(fleet, number, {});
  if (problem.work.size() > problem.intensity.size()) {
    problem.work = problem.work.first(problem.intensity.size());
  }
  auto fine = check(problem);
  if (!fine) fine.error().where = number_of(number);
  return fine;
}

std::string deadline_text(const Refused& refused, const FleetJob& job) {
  if (!refused.deadline) return "no deadline within the series could be met";
  return "slot " + std::to_string(*refused.deadline) + " could, " +
         std::to_string(*refused.deadline - job.deadline) + " slots later";
}

Result<void> expect_admitted(const Fleet& fleet) {
  const Admission admission = admit(fleet);
  if (admission.refused.empty()) return {};
  const Refused& first = admission.refused.front();
  return fail(ErrorKind::absent, "its deadline cannot be met beside the jobs before it",
              number_of(first.job), deadline_text(first, fleet.jobs[first.job]));
}

// Lets the refused job end later, slot by slot, until it could be on time; it is not let in.
std::optional<std::size_t> earliest_deadline(const Fleet& fleet, Roster& roster, std::size_t job) {
  for (std::size_t end = fleet.jobs[job].deadline + 1; end <= fleet.intensity.size(); ++end) {
    roster.extend(job, end);
    if (roster.seat(job)) return end;
  }
  return std::nullopt;
}

// A run of free slots as long as the work; the first.
std::optional<Slots> first_free_run(const FleetJob& job, const Roster& roster) {
  std::size_t free = 0;
  for (std::size_t slot = job.begin; slot < job.deadline; ++slot) {
    free = roster.has_room(slot) ? free + 1 : 0;
    if (free < job.work.size()) continue;
    Slots slots(free);
    std::iota(slots.begin(), slots.end(), slot + 1 - free);
    return slots;
  }
  return std::nullopt;
}

}  // namespace

Result<void> check(const Fleet& fleet) {
  if (fleet.machines == 0) return fail(ErrorKind::malformed, "a fleet has a machine at least");
  if (fleet.jobs.empty()) return fail(ErrorKind::malformed, "a fleet has a job at least");
  for (std::size_t job = 0; job < fleet.jobs.size(); ++job) {
    if (auto fine = check_job(fleet, job); !fine) return fine;
  }
  return {};
}

Admission admit(const Fleet& fleet) {
  Roster roster(fleet);
  Admission admission;
  for (std::size_t job = 0; job < fleet.jobs.size(); ++job) {
    if (roster.seat(job)) {
      admission.admitted.push_back(job);
      continue;
    }
    admission.refused.push_back({job, earliest_deadline(fleet, roster, job)});
    roster.clear(job);
  }
  return admission;
}

Cost cost_of(const Fleet& fleet, const FleetSlots& slots) {
  Cost sum;
  for (std::size_t job = 0; job < fleet.jobs.size(); ++job) {
    const Cost one = cost_alone(fleet, job, slots[job], {});
    sum.job += one.job;
    sum.charge += one.charge;
    sum.resumes += one.resumes;
    sum.held_slots += one.held_slots;
  }
  return sum;
}

Overload overload_of(const Fleet& fleet, const FleetSlots& slots) {
  Overload overload;
  for (const std::size_t use : use_of(fleet, slots)) {
    if (use > fleet.machines) ++overload.slots;
    overload.most = std::max(overload.most, use);
  }
  return overload;
}

Result<FleetSlots> plan_independent(const Fleet& fleet) {
  FleetSlots all;
  for (std::size_t job = 0; job < fleet.jobs.size(); ++job) {
    auto slots = plan_alone(fleet, job, {}, nullptr);
    if (!slots) return tl::unexpected(slots.error());
    all.push_back(std::move(*slots));
  }
  return all;
}

Result<FleetSlots> plan_now(const Fleet& fleet) {
  if (auto fits = expect_admitted(fleet); !fits) return tl::unexpected(fits.error());
  Roster roster(fleet);
  for (const std::size_t job : jobs_by_begin(fleet)) {
    const auto run = first_free_run(fleet.jobs[job], roster);
    if (run) roster.put(job, *run);
    if (!run && !roster.seat(job)) return fail(ErrorKind::internal, "an admitted job has no room");
  }
  return roster.slots();
}

Result<Carbon> fleet_bound(const Fleet& fleet, std::span<const Carbon> price) {
  Prices prices(fleet);
  prices.set(price);
  return prices.plan_all();
}

Result<FleetPlan> plan_fleet(const Fleet& fleet, const FleetEffort& effort) {
  const auto now = plan_now(fleet);
  if (!now) return tl::unexpected(now.error());
  return FleetSearch(fleet, effort).search(*now);
}

}  // namespace lowtide::plan
