// When a job may run, what each moment costs, and what pausing adds: the planner's question.
//
// Time is cut into slots of 5 minutes of UTC (kSlot), counted from the slot in which the job could
// begin at the earliest: slot 0. A window is the job's work slots plus its slack; a plan says in
// which of the window's slots each work slot runs. All values are plain; nothing here reads a
// clock. docs/planning.md has the mathematics, docs/adr/0016 the reasons.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "base/words.h"

namespace lowtide::plan {

// A slot whose intensity is not known. A gap is not a zero: what touches one has no result.
inline constexpr Intensity kMissing =
    Intensity::from_base(std::numeric_limits<double>::quiet_NaN());
[[nodiscard]] inline bool is_known(Intensity value) { return !std::isnan(as_grams_per_kwh(value)); }

// What the slots cost in which the job does not work.
//   stays_on  one's own machine: powers are counted above idle; idle is the same for every plan
//   held      from slot 0 to the end of the work: idle power, embodied carbon and money go on
//   released  given back while it waits: nothing
enum class Machine { stays_on, held, released };

// All are at least zero; the defaults are free.
struct Charges {
  Energy resume;  // per resume, in the slot in which work goes on
  Energy pause;   // per resume, in the slot in which work stopped before it
  // Per resume: slots directly before it in which the state is read back and no work is done.
  std::size_t restore_slots = 0;
  Power restore_power;      // in these slots, above idle when the machine stays on, else all of it
  std::size_t min_run = 1;  // slots; the last run may be shorter
  std::size_t min_pause = 1;  // slots, restoring not counted
  Machine machine = Machine::stays_on;
  Power idle_power;      // held: in each slot that waits or is paused (restoring has its own power)
  Carbon hold_per_hour;  // held: embodied carbon of the devices, in each slot that does no work
  bool operator==(const Charges&) const = default;
};

// Which of the charges are so much time of the job's mean power, and no energy of their own.
struct OfMean {
  bool resume = false;
  bool pause = false;
  bool restore = false;  // restore_power
  bool operator==(const OfMean&) const = default;
};
// The charges of the same job at `ratio` times the power. What is an energy of its own stays.
[[nodiscard]] Charges rescaled(Charges charges, const OfMean& of_mean, double ratio);

struct Problem {
  std::span<const Intensity> intensity;  // of the window, size() == work.size() + slack
  std::span<const Energy> work;          // of each work slot, in order
  Charges charges{};
  std::vector<bool> forbidden = {};  // slots in which nothing may run or restore; empty: none
  // What each slot is worth to others (fleet.h), at least zero: charged where the job works or
  // restores. Empty: nothing. A plan is priced with it, nobody emits it.
  std::span<const Carbon> price = {};

  [[nodiscard]] std::size_t slack() const { return intensity.size() - work.size(); }
  [[nodiscard]] bool is_forbidden(std::size_t slot) const {
    return !forbidden.empty() && forbidden[slot];
  }
  [[nodiscard]] Carbon price_of(std::size_t slot) const {
    return price.empty() ? Carbon{} : price[slot];
  }
};

// Strictly rising: slot of each work slot.
using Slots = std::vector<std::size_t>;

struct Cost {
  Carbon job;     // of the work
  Carbon charge;  // of pausing, restoring, waiting and holding
  Carbon price;   // of the slots (Problem::price)
  int resumes = 0;
  // Slots for which somebody is paid: of work, of a held machine until the end, and of restoring
  // where the machine is taken again for it. A machine that stays on costs the same anyway.
  std::size_t held_slots = 0;
  [[nodiscard]] Carbon total() const { return job + charge + price; }
};

// Error malformed when the question makes no sense: no work, a negative or infinite energy or
// intensity, a window shorter than the work, a list of forbidden slots or of prices of another
// length; temporary when the window touches a gap.
[[nodiscard]] Result<void> check(const Problem& problem);

// What a plan costs, slot by slot, by the definitions above and nothing else: every other figure
// of this folder is compared with it. `slots` are strictly rising and inside the window, one for
// each work slot. Says nothing of whether the plan is legal.
[[nodiscard]] Cost cost_of(const Problem& problem, const Slots& slots);

// Why the plan may not be carried out: a forbidden slot, a run or a pause that is too short; empty
// when it may.
[[nodiscard]] std::string_view why_illegal(const Problem& problem, const Slots& slots);

}  // namespace lowtide::plan

template <>
struct lowtide::Spelling<lowtide::plan::Machine> {
  static constexpr auto table = std::to_array<std::pair<plan::Machine, std::string_view>>(
      {{plan::Machine::stays_on, "stays-on"},
       {plan::Machine::held, "held"},
       {plan::Machine::released, "released"}});
};
