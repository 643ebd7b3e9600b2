#include "plan/exact.h"

#include "plan/exact_rows.h"
#include "plan/exact_strips.h"

namespace lowtide::plan {
namespace {

// For the bits to walk back by; what else is kept is small beside it.
constexpr double kMostBytes = 0.9e9;

template <typename Sweep>
Result<ExactPlan> plan_by(const Problem& problem) {
  Sweep sweep(problem, true);
  const Ends ends = sweep.sweep();
  const double least = ends.cost[ends.best()];
  if (std::isinf(least)) return fail(ErrorKind::absent, "no plan is legal in this window");
  return ExactPlan{sweep.walk_back(ends), grams(least)};
}

}  // namespace

Result<ExactPlan> exact(const Problem& problem) {
  const Rules rules(problem);
  const bool long_runs = rules.has_long_runs();
  const double bits = long_runs ? 3 : rules.is_free() ? 1 : 2;  // for each state
  const std::size_t window = problem.intensity.size();
  const std::size_t band = std::min(problem.work.size(), problem.slack()) + 1;
  if (static_cast<double>(window) * static_cast<double>(band) * bits / 8 > kMostBytes) {
    return fail(ErrorKind::malformed,
                "a window of " + std::to_string(window) + " slots with work in " +
                    std::to_string(problem.work.size()) + " of them is too large to plan exactly");
  }
  return long_runs ? plan_by<RowSweep>(problem) : plan_by<StripSweep>(problem);
}

std::vector<Carbon> exact_for_each_slack(const Problem& problem) {
  const Ends ends = Rules(problem).has_long_runs() ? RowSweep(problem, false).sweep()
                                                   : StripSweep(problem, false).sweep();
  std::vector<Carbon> costs;
  double least = kNever;
  for (const double cost : ends.cost) {
    least = std::min(least, cost);
    costs.push_back(grams(std::isinf(least) ? std::nan("") : least));
  }
  return costs;
}

}  // namespace lowtide::plan
