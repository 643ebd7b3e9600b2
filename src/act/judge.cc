#include "act/judge.h"

#include <algorithm>

namespace lowtide::act {
namespace {

constexpr int kMostDoublings = 10;

bool comes_from_rest(Phase phase) { return phase == Phase::waiting || phase == Phase::starting; }

// Keeps the sooner of the two; what is past is none.
void sooner(std::optional<Duration>& least, Duration in) {
  if (in > Duration::zero() && (!least || in < *least)) least = in;
}

void plan_edges(const ActState& state, Utc now, std::optional<Duration>& least) {
  if (!state.plan) return;
  sooner(least, state.plan->made + state.terms.plan_lasts - now);
  for (const Interval& run : state.plan->runs) {
    sooner(least, run.begin - now);
    sooner(least, run.end - now);
  }
}

// A life that has just begun may not have its handler yet: it is not asked to save.
Duration settles_in(const ActState& state, const Moment& now) {
  if (state.terms.manner != Manner::checkpoint) return Duration::zero();
  return state.terms.fails_early - state.life - (now.awake - state.counted_to);
}

}  // namespace

Duration least_pause(const Terms& terms) {
  const bool saves = terms.manner == Manner::checkpoint;
  return terms.least_pause + (saves ? terms.grace : Duration::zero());
}

int final_status(const ActState& state) {
  const bool by_its_word = state.phase == Phase::done && state.lives > 0 && !state.lost;
  return state.status.value_or(by_its_word ? 0 : 1);
}

std::optional<Duration> left_of(const ActState& state) {
  if (!state.length || outlived(state)) return std::nullopt;
  return *state.length - state.worked + state.restoring;
}

bool outlived(const ActState& state) { return state.length && state.worked >= *state.length; }

Duration retry_in(const ActState& state) {
  const int doublings = std::min(std::max(state.failed_resumes - 1, 0), kMostDoublings);
  return state.terms.retry_after * (1 << doublings);
}

std::optional<Utc> latest_of(const ActState& state) {
  const std::optional<Duration> left = left_of(state);
  if (!left) return std::nullopt;
  const Duration resuming = comes_from_rest(state.phase) ? Duration::zero() : state.resume_takes;
  return state.terms.deadline - state.terms.margin - *left - resuming;
}

bool waits_at(const ActState& state, Utc now) {
  if (!state.plan || now >= state.plan->made + state.terms.plan_lasts) return false;
  const std::vector<Interval>& runs = state.plan->runs;
  if (runs.empty() || now >= runs.back().end) return false;
  return std::none_of(runs.begin(), runs.end(),
                      [&](const Interval& run) { return run.holds(now); });
}

std::optional<Utc> planned_pause(const ActState& state, Utc now) {
  if (!state.plan) return std::nullopt;
  const std::vector<Interval>& runs = state.plan->runs;
  for (std::size_t i = 0; i + 1 < runs.size(); ++i) {
    if (runs[i].holds(now)) return runs[i].end;
  }
  return std::nullopt;
}

bool should_run(const ActState& state, const Moment& now) {
  if (now.boot < state.not_before) return false;
  const std::optional<Utc> latest = latest_of(state);
  if (state.runs_on != RunsOn::no || !latest || now.utc >= *latest) return true;
  if (!state.plan) return false;  // the first is yet to come
  if (state.place_taken && state.body == Body::none) return false;
  return !waits_at(state, now.utc);
}

bool should_pause(const ActState& state, const Moment& now) {
  if (state.terms.manner == Manner::none || state.cancel || now.boot < state.not_before) {
    return false;
  }
  if (!state.plan || should_run(state, now)) return false;
  if (settles_in(state, now) > Duration::zero()) return false;
  return pause_ends(state, now.utc) - now.utc >= least_pause(state.terms);
}

Utc goes_on_at(const ActState& state, Utc now) {
  const Utc end = latest_of(state).value_or(now);
  if (!state.plan) return end;
  for (const Interval& run : state.plan->runs) {
    if (run.begin > now) return std::min(end, run.begin);
  }
  return end;
}

Utc pause_ends(const ActState& state, Utc now) {
  const Utc end = goes_on_at(state, now);
  return state.plan ? std::min(end, state.plan->made + state.terms.plan_lasts) : end;
}

std::optional<Duration> next_in(const ActState& state, const Moment& now) {
  std::optional<Duration> least;
  if (is_over(state.phase)) return least;
  if (state.runs_on == RunsOn::no) {
    sooner(least, state.next_plan - now.boot);
    plan_edges(state, now.utc, least);
    if (const auto latest = latest_of(state)) sooner(least, *latest - now.utc);
  }
  sooner(least, state.terms.deadline - now.utc);
  sooner(least, state.not_before - now.boot);
  if (state.phase == Phase::running) sooner(least, settles_in(state, now));
  if (state.awaits == Awaits::exit) sooner(least, state.grace_ends - now.boot);
  return least;
}

}  // namespace lowtide::act
