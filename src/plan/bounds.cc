#include "plan/bounds.h"

#include <algorithm>
#include <numeric>

namespace lowtide::plan {
namespace {

// The cheapest path over the window when each work slot pays `price` back, any count of them, and
// how many it has. Pausing, restoring and waiting are free but for the resume energy.
struct Path {
  double cost = 0;
  double count = 0;
};

Path cheaper(Path a, Path b) { return b.cost < a.cost ? b : a; }

Path cheapest_path(const Problem& problem, double price) {
  const double energy = as_kwh(problem.work.front());
  const double resume = as_kwh(problem.charges.resume);
  const Path never_begun{};
  Path runs{std::numeric_limits<double>::infinity(), 0};
  Path paused = runs;
  for (std::size_t u = 0; u < problem.intensity.size(); ++u) {
    const double c = as_grams_per_kwh(problem.intensity[u]);
    Path from = cheaper(cheaper(never_begun, runs), {paused.cost + resume * c, paused.count});
    paused = cheaper(paused, runs);
    runs = problem.is_forbidden(u) ? Path{std::numeric_limits<double>::infinity(), 0}
                                   : Path{from.cost + energy * c - price, from.count + 1};
  }
  return cheaper(never_begun, cheaper(runs, paused));
}

}  // namespace

Carbon bound_any_order(const Problem& problem) {
  std::vector<Intensity> lowest(problem.intensity.begin(), problem.intensity.end());
  std::sort(lowest.begin(), lowest.end());
  std::vector<Energy> largest(problem.work.begin(), problem.work.end());
  std::sort(largest.rbegin(), largest.rend());
  return std::inner_product(largest.begin(), largest.end(), lowest.begin(), Carbon{});
}

std::optional<Carbon> bound_multiplier(const Problem& problem) {
  const Energy first = problem.work.front();
  if (std::any_of(problem.work.begin(), problem.work.end(), [&](Energy e) { return e != first; })) {
    return std::nullopt;
  }
  const auto count = static_cast<double>(problem.work.size());
  const Intensity highest = *std::max_element(problem.intensity.begin(), problem.intensity.end());
  // Each slot's cost, resume included, is under this; the best price lies between.
  double low = 0;
  double high = as_grams((first + problem.charges.resume) * highest) + 1;
  double best = 0;
  for (int i = 0; i < 60; ++i) {
    const double price = (low + high) / 2;
    const Path path = cheapest_path(problem, price);
    best = std::max(best, path.cost + price * count);
    if (path.count == count) break;
    (path.count < count ? low : high) = price;
  }
  return grams(best);
}

}  // namespace lowtide::plan
