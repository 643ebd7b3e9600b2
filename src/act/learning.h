// From what was seen of a pause to what it costs, and from past pauses to what the next will. Pure.
//
// Times are UTC: a pause may outlast a boot. A step of the clock in the midst may make a time
// negative: then nothing was seen of it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "plan/problem.h"
#include "record/acts.h"

namespace lowtide::act {

// What a job said at a moment: the share of its work that is done, 0 .. 1.
struct Said {
  Utc at{};
  double done = 0;
};

struct PauseSeen {
  std::optional<Utc> signal;  // the wish to save
  std::optional<Utc> exit;
  std::optional<Utc> start;        // of the next life
  std::vector<Said> before;        // in the life that was paused, in order of time
  std::vector<Said> after;         // in the next one; what the life before has left does not count
  std::optional<Duration> length;  // of the whole job, as well as is known
};

struct PauseCost {
  std::optional<Duration> save_takes;
  // From the start until progress passes what it was at the pause.
  std::optional<Duration> resume_takes;
  // Of it, work that had been done before: from the first progress to what it was at the pause.
  std::optional<Duration> redone;
};
// A job that says no progress shows how long it saves, and nothing more.
[[nodiscard]] PauseCost cost_of_pause(const PauseSeen& seen);

// A high value of what was seen, and of how many pauses.
template <typename T>
struct Estimate {
  T value{};
  std::size_t pauses = 0;
};

struct Expected {
  std::optional<Estimate<Duration>> save_takes;
  std::optional<Estimate<Duration>> resume_takes;
  std::optional<Estimate<Energy>> resume_energy;
};
// The 80 % quantile (by rank: one of the values) over the newest 20 of `past`, which comes newest
// first. High, since a charge that is too low pauses too often; no maximum, since one pause on a
// slow disk must not forbid all others. What nobody has seen stays absent.
[[nodiscard]] Expected expected(std::span<const record::Learnt> past);

// `charges` with what is expected in the place of what they say of pausing and resuming: whole
// slots to restore in, with the energy in them; all of it in the slot in which work goes on where
// resuming takes less than half a slot. `mean` is the job's power, for energy that was not seen.
// What is not known stays as it was.
[[nodiscard]] plan::Charges charged(plan::Charges charges, const Expected& next, Power mean);

}  // namespace lowtide::act
