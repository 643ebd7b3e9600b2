#include "plan/decide.h"

#include <algorithm>

#include "plan/bounds.h"
#include "plan/exact.h"
#include "plan/policies.h"

namespace lowtide::plan {
namespace {

// Costs nearer to each other than rounding are equal.
constexpr double kRounding = 1e-12;
constexpr double kGramsPerTonne = 1e6;

bool is_under(Carbon a, Carbon b) { return a < b * (1 - kRounding); }

Result<Slots> or_why(std::optional<Slots> slots, const char* why) {
  if (slots) return *std::move(slots);
  return fail(ErrorKind::absent, why);
}

Result<Slots> slots_of(Policy policy, const Problem& problem, const DecideOptions& options) {
  constexpr const char* kNoRoom = "forbidden slots leave no room";
  switch (policy) {
    case Policy::now:
      return or_why(run_now(problem), "a forbidden slot is in the way");
    case Policy::flexible_start:
      return or_why(flexible_start(problem), "no stretch without forbidden slots is long enough");
    case Policy::lowest_slots:
      return or_why(lowest_slots(problem), kNoRoom);
    case Policy::threshold:
      return or_why(
          double_threshold(problem, options.history),
          options.history.empty() ? "the intensity before the window is not known" : kNoRoom);
    case Policy::exact:
      break;
  }
  auto plan = exact(problem);
  if (!plan) return tl::unexpected(plan.error());
  return std::move(plan->slots);
}

Outcome outcome_of(Policy policy, const Problem& problem, const DecideOptions& options) {
  Outcome out;
  out.policy = policy;
  if (auto slots = slots_of(policy, problem, options)) {
    out.slots = std::move(*slots);
    out.cost = cost_of(problem, out.slots);
    out.why_not = why_illegal(problem, out.slots);
  } else {
    out.why_not = slots.error().message;
  }
  return out;
}

// The fraction of `base` that `cost` is under it.
std::optional<double> saving(const Outcome& cost, const Outcome& base) {
  if (cost.slots.empty() || base.slots.empty()) return std::nullopt;
  const double total = as_grams(base.cost.total());
  if (total <= 0) return 0.0;
  return 1 - as_grams(cost.cost.total()) / total;
}

// What money and tonnes are counted against: running now, or where that is forbidden the earliest
// run.
Outcome base_of(const Outcome& now, const Problem& problem) {
  if (!now.slots.empty()) return now;
  Outcome earliest;
  earliest.slots = earliest_run(problem).value_or(Slots{});
  earliest.cost = cost_of(problem, earliest.slots);
  return earliest;
}

void add_money(Outcome& out, const Outcome& base, double price_per_hour) {
  if (out.slots.empty() || base.slots.empty()) return;
  const double slots =
      static_cast<double>(out.cost.held_slots) - static_cast<double>(base.cost.held_slots);
  out.extra_money = price_per_hour * slots * as_hours(kSlot);
  const double avoided = as_grams(base.cost.total() - out.cost.total()) / kGramsPerTonne;
  if (is_under(out.cost.total(), base.cost.total())) {
    out.money_per_tonne = *out.extra_money / avoided;
  }
}

void compare(Outcome& out, const Problem& problem, const Decision& decision,
             std::optional<double> price_per_hour) {
  const Outcome& now = decision.of(Policy::now);
  out.saving_vs_now = saving(out, now);
  out.saving_vs_flexible_start = saving(out, decision.of(Policy::flexible_start));
  if (price_per_hour) add_money(out, base_of(now, problem), *price_per_hour);
}

bool is_pausing(Policy policy) { return policy > Policy::flexible_start; }

Result<Policy> best_of(const Decision& decision, const DecideOptions& options) {
  const Outcome* best = nullptr;
  for (const Outcome& out : decision.outcomes) {
    const bool wanted =
        options.only ? out.policy == *options.only : options.pausable || !is_pausing(out.policy);
    if (!wanted || !out.may_run()) continue;
    if (best == nullptr || is_under(out.cost.total(), best->cost.total())) best = &out;
  }
  if (best != nullptr) return best->policy;
  const Policy asked =
      options.only.value_or(options.pausable ? Policy::exact : Policy::flexible_start);
  return fail(ErrorKind::absent, "no legal plan in this window (" + std::string(spell(asked)) +
                                     "): " + decision.of(asked).why_not);
}

// The exact cost as a function of the energy of a resume is the least of many straight lines, one a
// plan, so each step to where the present plan's line meets flexible start passes no crossing by.
std::optional<Energy> break_even(Problem problem, const Outcome& flexible) {
  constexpr int kMostSteps = 60;
  if (flexible.slots.empty()) return std::nullopt;
  const Carbon aim = flexible.cost.total();
  std::optional<Energy> found;
  Energy resume;
  for (int step = 0; step < kMostSteps; ++step) {
    problem.charges.resume = resume;
    const auto plan = exact(problem);
    if (!plan || !is_under(plan->cost, aim)) break;
    Intensity at_resumes;
    for (std::size_t j = 1; j < plan->slots.size(); ++j) {
      if (plan->slots[j] > plan->slots[j - 1] + 1) at_resumes += problem.intensity[plan->slots[j]];
    }
    if (at_resumes <= Intensity{}) return joules(std::numeric_limits<double>::infinity());
    resume += kwh(as_grams(aim - plan->cost) / as_grams_per_kwh(at_resumes));
    found = resume;
  }
  return found;
}

}  // namespace

Outcome outcome_of_slots(const Problem& problem, const Decision& beside, Slots slots,
                         std::optional<double> price_per_hour) {
  Outcome out;
  out.slots = std::move(slots);
  out.cost = cost_of(problem, out.slots);
  out.why_not = why_illegal(problem, out.slots);
  compare(out, problem, beside, price_per_hour);
  return out;
}

Result<Decision> decide(const Problem& problem, const DecideOptions& options) {
  if (const auto fine = check(problem); !fine) return tl::unexpected(fine.error());
  Decision decision;
  for (const auto& [policy, name] : Spelling<Policy>::table) {
    decision.outcomes.push_back(outcome_of(policy, problem, options));
  }
  for (Outcome& out : decision.outcomes) compare(out, problem, decision, options.price_per_hour);
  const auto best = best_of(decision, options);
  if (!best) return tl::unexpected(best.error());
  decision.best = *best;
  decision.bound = std::max(bound_any_order(problem), bound_multiplier(problem).value_or(Carbon{}));
  if (options.with_break_even) {
    decision.break_even_resume = break_even(problem, decision.of(Policy::flexible_start));
  }
  return decision;
}

}  // namespace lowtide::plan
