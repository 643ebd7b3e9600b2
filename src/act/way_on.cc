#include "act/way_on.h"

#include <numeric>

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
  Plan made{prospect.now, {}, 0, PlanWhy::no_gain};
  const std::size_t left = slots_left(state);
  if (left == 0 || prospect.intensity.size() <= left) return made;
  const std::vector<Energy> work(left, prospect.per_slot);
  const plan::Problem problem{prospect.intensity, work, prospect.charges};
  const plan::Standing standing = standing_of(state);
  const auto slots = best(problem, standing, state.terms.manner);
  if (!slots && slots.error().kind == ErrorKind::absent) return made;
  if (!slots) return tl::unexpected(slots.error());

  const bool resumes = standing == plan::Standing::paused || slots->front() > 0;
  const bool begun = standing != plan::Standing::not_begun;
  const std::size_t restore = prospect.charges.restore_slots;
  Slots on(left);
  std::iota(on.begin(), on.end(), standing == plan::Standing::paused ? restore : 0);
  if (*slots == on || on.back() >= prospect.intensity.size()) return made;
  const Carbon now = plan::cost_from(problem, standing, on);
  if (now <= Carbon{}) return made;
  made.saving = 1 - plan::cost_from(problem, standing, *slots) / now;
  if (made.saving <= 0) return made;
  made.why = PlanWhy::cheaper;
  made.runs = runs_of(*slots, slot_begin(prospect.now), begun && resumes, restore);
  return made;
}

}  // namespace lowtide::act
