#include "plan/problem.h"

#include <algorithm>

namespace lowtide::plan {
namespace {

bool is_charge(double value) { return std::isfinite(value) && value >= 0; }

Result<void> check_prices(const Problem& problem) {
  if (problem.price.empty()) return {};
  if (problem.price.size() != problem.intensity.size()) {
    return fail(ErrorKind::malformed, "the prices are not those of the window");
  }
  if (std::all_of(problem.price.begin(), problem.price.end(),
                  [](Carbon price) { return is_charge(as_grams(price)); })) {
    return {};
  }
  return fail(ErrorKind::malformed, "the price of a slot is negative or no finite number");
}

Result<void> check_charges(const Problem& problem) {
  const Charges& charges = problem.charges;
  const bool fine = is_charge(as_joules(charges.resume)) && is_charge(as_joules(charges.pause)) &&
                    is_charge(as_watts(charges.restore_power)) &&
                    is_charge(as_watts(charges.idle_power)) &&
                    is_charge(as_grams(charges.hold_per_hour));
  if (fine) return check_prices(problem);
  return fail(ErrorKind::malformed, "a charge is negative or no finite number");
}

// Adds what the slots of [from, to) cost in which the job does not work; the last `restoring` of
// them read its state back.
void add_idle(const Problem& problem, std::size_t from, std::size_t to, std::size_t restoring,
              Cost& cost) {
  const Charges& charges = problem.charges;
  const bool held = charges.machine == Machine::held;
  const std::size_t restore_from = to - std::min(restoring, to - from);
  for (std::size_t slot = from; slot < to; ++slot) {
    const Intensity c = problem.intensity[slot];
    const bool restores = slot >= restore_from;
    if (restores) cost.charge += charges.restore_power * kSlot * c;
    if (restores) cost.price += problem.price_of(slot);
    if (held && !restores) cost.charge += charges.idle_power * kSlot * c;
    if (held) cost.charge += charges.hold_per_hour * as_hours(kSlot);
    const bool taken_back = restores && charges.machine == Machine::released;
    if (held || taken_back) ++cost.held_slots;
  }
}

}  // namespace

Charges rescaled(Charges charges, const OfMean& of_mean, double ratio) {
  if (of_mean.resume) charges.resume *= ratio;
  if (of_mean.pause) charges.pause *= ratio;
  if (of_mean.restore) charges.restore_power *= ratio;
  return charges;
}

Result<void> check(const Problem& problem) {
  if (problem.work.empty()) return fail(ErrorKind::malformed, "the job has no work");
  if (problem.intensity.size() < problem.work.size()) {
    return fail(ErrorKind::malformed, "the window is shorter than the job");
  }
  if (!problem.forbidden.empty() && problem.forbidden.size() != problem.intensity.size()) {
    return fail(ErrorKind::malformed, "the forbidden slots are not those of the window");
  }
  for (std::size_t j = 0; j < problem.work.size(); ++j) {
    if (is_charge(as_joules(problem.work[j]))) continue;
    return fail(ErrorKind::malformed, "the energy of work slot " + std::to_string(j) +
                                          " is negative or no finite number");
  }
  for (std::size_t u = 0; u < problem.intensity.size(); ++u) {
    const Intensity value = problem.intensity[u];
    if (!is_known(value)) {
      return fail(ErrorKind::temporary,
                  "the intensity of slot " + std::to_string(u) + " of the window is not known");
    }
    if (is_charge(as_grams_per_kwh(value))) continue;
    return fail(ErrorKind::malformed,
                "the intensity of slot " + std::to_string(u) + " is negative or infinite");
  }
  return check_charges(problem);
}

Cost cost_of(const Problem& problem, const Slots& slots) {
  const Charges& charges = problem.charges;
  Cost cost;
  cost.held_slots = slots.size();
  std::size_t free_from = 0;  // the slot behind the last one that worked
  for (std::size_t j = 0; j < slots.size(); ++j) {
    const std::size_t slot = slots[j];
    const bool resumes = j > 0 && slot > free_from;
    if (resumes) {
      ++cost.resumes;
      cost.charge += charges.pause * problem.intensity[free_from - 1];
      cost.charge += charges.resume * problem.intensity[slot];
    }
    add_idle(problem, free_from, slot, resumes ? charges.restore_slots : 0, cost);
    cost.job += problem.work[j] * problem.intensity[slot];
    cost.price += problem.price_of(slot);
    free_from = slot + 1;
  }
  return cost;
}

std::string_view why_illegal(const Problem& problem, const Slots& slots) {
  const Charges& charges = problem.charges;
  const std::size_t least_gap = std::max<std::size_t>(charges.min_pause, 1) + charges.restore_slots;
  std::size_t run_from = 0;  // index of the run's first work slot
  for (std::size_t j = 0; j < slots.size(); ++j) {
    if (problem.is_forbidden(slots[j])) return "it works in a forbidden slot";
    if (j == 0 || slots[j] == slots[j - 1] + 1) continue;
    if (j - run_from < charges.min_run) return "a run is shorter than the least";
    if (slots[j] - slots[j - 1] - 1 < least_gap) {
      return charges.restore_slots > 0 ? "a pause is too short to restore the state in"
                                       : "a pause is shorter than the least";
    }
    for (std::size_t slot = slots[j] - charges.restore_slots; slot < slots[j]; ++slot) {
      if (problem.is_forbidden(slot)) return "it restores its state in a forbidden slot";
    }
    run_from = j;
  }
  return {};
}

}  // namespace lowtide::plan
