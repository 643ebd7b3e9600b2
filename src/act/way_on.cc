#include "act/way_on.h"

#include <algorithm>
#include <numeric>

#include "act/judge.h"
#include "plan/policies.h"

namespace lowtide::act {
namespace {

using plan::Slots;

// Runs of slots as intervals; the first is a resume where the job stands still after its begin.
std::vector<Interval> runs_of(const Slots& slots, Utc from, bool resumes, std::size_t restore) {
  std::vector<Interval> runs;
  const auto at = [&](std::size_t slot) { return from + kSlot * static_cast<Duration::rep>(slot); };
  for (std::size_t j = 0; j < slots.size(); ++j) {
    const bool begins = j == 0 || slots[j] > slots[j - 1] + 1;
    if (begins) {
      const bool restores = j > 0 || resumes;
      runs.push_back({at(slots[j] - (restores ? restore : 0)), at(slots[j])});
    }
    runs.back().end = at(slots[j] + 1);
  }
  return runs;
}

Result<Slots> best(const plan::Problem& problem, plan::Standing standing, Manner manner) {
  if (manner != Manner::none) return plan::exact_from(problem, standing);
  if (const auto sound = plan::check(problem); !sound) return tl::unexpected(sound.error());
  if (auto start = plan::flexible_start(problem)) return std::move(*start);
  return fail(ErrorKind::absent, "the job may not run in this window");
}

// No shorter pause is begun.
std::size_t least_pause_slots(const ActState& state) {
  return static_cast<std::size_t>((least_pause(state.terms) + kSlot - Duration(1)) / kSlot);
}

Plan run_on(Utc now) { return {now, {}, 0, PlanWhy::no_gain}; }

Plan cheaper_than_running_on(const plan::Problem& problem, plan::Standing standing,
                             const Slots& slots, Utc now) {
  const std::size_t restore = problem.charges.restore_slots;
  const bool paused = standing == plan::Standing::paused;
  Slots on(slots.size());
  std::iota(on.begin(), on.end(), paused ? restore : 0);
  if (slots == on || on.back() >= problem.intensity.size()) return run_on(now);
  const bool resumes = paused || (standing == plan::Standing::running && slots.front() > 0);
  // Where it may not run on there is nothing to save against.
  if (!plan::why_illegal(problem, on).empty()) {
    return {now, runs_of(slots, slot_begin(now), resumes, restore), 0, PlanWhy::cheaper};
  }
  const Carbon cost_of_on = plan::cost_from(problem, standing, on);
  const Carbon cost = plan::cost_from(problem, standing, slots);
  if (cost >= cost_of_on) return run_on(now);
  return {now, runs_of(slots, slot_begin(now), resumes, restore), 1 - cost / cost_of_on,
          PlanWhy::cheaper};
}

}  // namespace

plan::Standing standing_of(const ActState& state) {
  if (state.lives == 0) return plan::Standing::not_begun;
  const bool runs = state.body == Body::runs && state.phase != Phase::paused;
  return runs ? plan::Standing::running : plan::Standing::paused;
}

std::size_t slots_left(const ActState& state) {
  if (!state.length || state.worked >= *state.length) return 0;
  const Duration left = *state.length - state.worked + state.restoring;
  return static_cast<std::size_t>((left + kSlot - Duration(1)) / kSlot);
}

Result<Plan> way_on(const ActState& state, const Prospect& prospect) {
  const std::size_t left = slots_left(state);
  if (left == 0 || prospect.intensity.size() <= left) return run_on(prospect.now);
  const std::vector<Energy> work(left, prospect.per_slot);
  plan::Problem problem{prospect.intensity, work, prospect.charges, prospect.forbidden};
  problem.charges.min_pause = std::max(problem.charges.min_pause, least_pause_slots(state));
  const plan::Standing standing = standing_of(state);
  const auto slots = best(problem, standing, state.terms.manner);
  if (slots) return cheaper_than_running_on(problem, standing, *slots, prospect.now);
  if (slots.error().kind == ErrorKind::absent) return run_on(prospect.now);
  return tl::unexpected(slots.error());
}

}  // namespace lowtide::act
