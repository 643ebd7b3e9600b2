// All policies side by side on one question: what each saves, costs and needs, and the best. Pure.
#pragma once

#include <optional>
#include <string>

#include "plan/problem.h"

namespace lowtide::plan {

enum class Policy { now, flexible_start, lowest_slots, threshold, exact };

struct Outcome {
  Policy policy = Policy::now;
  Slots slots;          // empty: the policy has no plan here
  std::string why_not;  // why it may not be carried out (empty: it may)
  Cost cost;            // without slots: nothing is known
  // Fractions, positive is better; absent where the other one has no plan.
  std::optional<double> saving_vs_now;
  std::optional<double> saving_vs_flexible_start;
  // In the currency of the price, beyond what running now costs (where now is forbidden: the
  // earliest unbroken run); absent without a price.
  std::optional<double> extra_money;
  std::optional<double> money_per_tonne;  // avoided against the same; absent where nothing is

  [[nodiscard]] bool may_run() const { return !slots.empty() && why_not.empty(); }
};

struct DecideOptions {
  bool pausable = true;  // else only now and flexible start may be the best
  std::optional<double> price_per_hour = std::nullopt;  // of the held machine
  std::span<const Intensity> history = {};    // before slot 0, newest last (double threshold)
  std::optional<Policy> only = std::nullopt;  // the user's choice instead of the best
  bool with_break_even = true;  // it takes several plans
};

struct Decision {
  std::vector<Outcome> outcomes;  // of every policy, in the order of Policy
  Policy best = Policy::now;      // the cheapest that may run; ties: the simpler
  Carbon bound;                   // no plan is under it
  // The energy of one resume from which on the exact plan is no better than flexible start, all
  // other charges as stated. Absent: pausing is no better even when it is free.
  std::optional<Energy> break_even_resume;

  [[nodiscard]] const Outcome& of(Policy policy) const {
    return outcomes[static_cast<std::size_t>(policy)];
  }
};

// Errors: those of check(); absent when no policy has a plan that may run.
[[nodiscard]] Result<Decision> decide(const Problem& problem, const DecideOptions& options);

// A plan of one's own beside the policies: what it costs, saves and needs. `policy` says nothing.
[[nodiscard]] Outcome outcome_of_slots(const Problem& problem, const Decision& beside, Slots slots,
                                       std::optional<double> price_per_hour);

// Two signals at once (`--agree both`): plans that minimise lambda x marginal + (1 - lambda) x
// average, for lambda = 0, 1/16, .. 1.
struct ParetoPlan {
  double lambda = 0;
  Slots slots;
  // Fractions against running now (or the earliest unbroken run, where now is forbidden), each on
  // its own signal.
  double saving_on_marginal = 0;
  double saving_on_average = 0;
};
struct Agreement {
  std::vector<ParetoPlan> pareto;  // none is better than another on both
  // Saves on both, and the smaller of its savings is the largest; absent: do not shift.
  std::optional<ParetoPlan> chosen;
};
// `marginal` and `average` cover the same window. Errors as decide().
[[nodiscard]] Result<Agreement> agree(const Problem& marginal, std::span<const Intensity> average,
                                      bool pausable);

}  // namespace lowtide::plan

template <>
struct lowtide::Spelling<lowtide::plan::Policy> {
  static constexpr auto table = std::to_array<std::pair<plan::Policy, std::string_view>>(
      {{plan::Policy::now, "now"},
       {plan::Policy::flexible_start, "flexible_start"},
       {plan::Policy::lowest_slots, "lowest_slots"},
       {plan::Policy::threshold, "threshold"},
       {plan::Policy::exact, "exact"}});
};
