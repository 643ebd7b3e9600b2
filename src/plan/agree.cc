#include <algorithm>

#include "plan/decide.h"
#include "plan/exact.h"
#include "plan/policies.h"

namespace lowtide::plan {
namespace {

constexpr int kWeights = 16;  // lambda = 0, 1/16, .. 1

std::optional<Slots> plan_for(const Problem& problem, bool pausable) {
  if (!pausable) return flexible_start(problem);
  auto plan = exact(problem);
  if (!plan) return std::nullopt;
  return std::move(plan->slots);
}

double saving(const Problem& problem, const Slots& slots, Carbon now) {
  return now > Carbon{} ? 1 - cost_of(problem, slots).total() / now : 0.0;
}

bool beats(const ParetoPlan& a, const ParetoPlan& b) {
  return a.saving_on_marginal >= b.saving_on_marginal &&
         a.saving_on_average >= b.saving_on_average &&
         (a.saving_on_marginal > b.saving_on_marginal || a.saving_on_average > b.saving_on_average);
}

double smaller(const ParetoPlan& plan) {
  return std::min(plan.saving_on_marginal, plan.saving_on_average);
}

std::vector<ParetoPlan> without_beaten(const std::vector<ParetoPlan>& all) {
  std::vector<ParetoPlan> left;
  for (const ParetoPlan& plan : all) {
    const bool known = std::any_of(left.begin(), left.end(), [&](const ParetoPlan& other) {
      return other.slots == plan.slots;
    });
    const bool beaten = std::any_of(all.begin(), all.end(),
                                    [&](const ParetoPlan& other) { return beats(other, plan); });
    if (!known && !beaten) left.push_back(plan);
  }
  return left;
}

// A plan for each weight of the two signals, with what it saves on each.
std::vector<ParetoPlan> weighted_plans(const Problem& marginal, const Problem& average,
                                       const Slots& now, bool pausable) {
  const Carbon now_marginal = cost_of(marginal, now).total();
  const Carbon now_average = cost_of(average, now).total();
  std::vector<ParetoPlan> all;
  std::vector<Intensity> mixed(marginal.intensity.size());
  Problem problem = marginal;
  problem.intensity = mixed;
  for (int i = 0; i <= kWeights; ++i) {
    const double lambda = static_cast<double>(i) / kWeights;
    for (std::size_t u = 0; u < mixed.size(); ++u) {
      mixed[u] = marginal.intensity[u] * lambda + average.intensity[u] * (1 - lambda);
    }
    const auto slots = plan_for(problem, pausable);
    if (!slots) continue;
    all.push_back({lambda, *slots, saving(marginal, *slots, now_marginal),
                   saving(average, *slots, now_average)});
  }
  return all;
}

std::optional<ParetoPlan> best_on_both(const std::vector<ParetoPlan>& plans) {
  std::optional<ParetoPlan> best;
  for (const ParetoPlan& plan : plans) {
    if (smaller(plan) > (best ? smaller(*best) : 0.0)) best = plan;
  }
  return best;
}

}  // namespace

Result<Agreement> agree(const Problem& marginal, std::span<const Intensity> average,
                        bool pausable) {
  Problem on_average = marginal;
  on_average.intensity = average;
  if (const auto fine = check(marginal); !fine) return tl::unexpected(fine.error());
  if (const auto fine = check(on_average); !fine) return tl::unexpected(fine.error());
  if (average.size() != marginal.intensity.size()) {
    return fail(ErrorKind::malformed, "the two signals have windows of unlike length");
  }
  const auto now = earliest_run(marginal);  // running now, where that is allowed
  if (!now) return fail(ErrorKind::absent, "no stretch without forbidden slots is long enough");
  auto pareto = without_beaten(weighted_plans(marginal, on_average, *now, pausable));
  auto chosen = best_on_both(pareto);
  return Agreement{std::move(pareto), std::move(chosen)};
}

}  // namespace lowtide::plan
