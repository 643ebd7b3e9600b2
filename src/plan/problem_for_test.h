// Questions for the planner in tests: random ones, and the answer by trying every plan. Not part of
// the program.
#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "plan/problem.h"

namespace lowtide::plan {

// Owns what a Problem looks at.
struct Question {
  std::vector<Intensity> intensity;
  std::vector<Energy> work;
  Charges charges;
  std::vector<bool> forbidden;
  std::vector<Carbon> price;
  [[nodiscard]] Problem problem() const { return {intensity, work, charges, forbidden, price}; }
};

inline std::vector<Intensity> intensities(const std::vector<double>& grams) {
  std::vector<Intensity> out(grams.size());
  std::transform(grams.begin(), grams.end(), out.begin(), grams_per_kwh);
  return out;
}
inline std::vector<Energy> energies(const std::vector<double>& kwhs) {
  std::vector<Energy> out(kwhs.size());
  std::transform(kwhs.begin(), kwhs.end(), out.begin(), kwh);
  return out;
}

// How a random intensity looks: spread out, many ties, many zeros, or constant.
enum class Shape { any, ties, zeros, constant };
inline constexpr Shape kShapes[] = {Shape::any, Shape::ties, Shape::zeros, Shape::constant};

using Random = std::mt19937_64;

inline double between(Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}
inline std::size_t up_to(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

inline double one_intensity(Random& random, Shape shape) {
  switch (shape) {
    case Shape::any:
      return between(random, 1, 900);
    case Shape::ties:
      return 100.0 * static_cast<double>(1 + up_to(random, 2));
    case Shape::zeros:
      return up_to(random, 1) == 0 ? 0.0 : between(random, 1, 900);
    case Shape::constant:
      break;
  }
  return 250.0;
}

inline Question question(Random& random, std::size_t work, std::size_t slack, Shape shape) {
  Question made;
  for (std::size_t u = 0; u < work + slack; ++u) {
    made.intensity.push_back(grams_per_kwh(one_intensity(random, shape)));
  }
  for (std::size_t j = 0; j < work; ++j) made.work.push_back(kwh(between(random, 0, 2)));
  return made;
}

// Of each slot of the window; some slots are worth nothing.
inline std::vector<Carbon> prices(Random& random, std::size_t window) {
  std::vector<Carbon> made(window);
  for (Carbon& price : made) price = grams(up_to(random, 2) == 0 ? 0 : between(random, 0, 400));
  return made;
}

inline constexpr unsigned kChargeKinds = 8;  // a bit each, for charge()
inline Charges random_charges(Random& random, unsigned kinds) {
  Charges charges;
  if (kinds & 1) charges.resume = kwh(between(random, 0, 1));
  if (kinds & 2) charges.pause = kwh(between(random, 0, 1));
  if (kinds & 4) charges.restore_slots = 1 + up_to(random, 1);
  if (kinds & 4) charges.restore_power = watts(between(random, 0, 9000));
  if (kinds & 8) charges.min_run = 2 + up_to(random, 1);
  if (kinds & 16) charges.min_pause = 2 + up_to(random, 1);
  if (kinds & 32) charges.machine = Machine::held;
  if (kinds & 64) charges.idle_power = watts(between(random, 0, 3000));
  if (kinds & 128) charges.hold_per_hour = grams(between(random, 0, 500));
  return charges;
}

// Calls visit(slots) for each way to place the work in the window.
template <typename Visit>
void for_each_placement(std::size_t work, std::size_t window, Visit visit) {
  std::vector<bool> taken(window, false);
  std::fill(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(work), true);
  do {
    Slots slots;
    for (std::size_t u = 0; u < window; ++u) {
      if (taken[u]) slots.push_back(u);
    }
    visit(slots);
  } while (std::prev_permutation(taken.begin(), taken.end()));
}

// The least cost over all legal plans; NaN where there is none.
inline double least_by_trying(const Problem& problem) {
  double least = std::nan("");
  for_each_placement(problem.work.size(), problem.intensity.size(), [&](const Slots& slots) {
    if (!why_illegal(problem, slots).empty()) return;
    const double cost = as_grams(cost_of(problem, slots).total());
    if (!(cost >= least)) least = cost;
  });
  return least;
}

// The least cost by the plainest program that does not try every plan: over where runs begin and
// end. O(work^2 x window + work x window^2). NaN where nothing is legal.
inline double least_by_runs(const Problem& problem) {
  const std::size_t count = problem.work.size();
  const std::size_t window = problem.intensity.size();
  const Charges& charges = problem.charges;
  constexpr double kNone = std::numeric_limits<double>::infinity();
  const auto c = [&](std::size_t u) { return as_grams_per_kwh(problem.intensity[u]); };
  const bool held = charges.machine == Machine::held;
  const double hold = held ? as_grams(charges.hold_per_hour) / 12 : 0;
  const double idle = held ? as_kwh(charges.idle_power * kSlot) : 0;
  const double restore = as_kwh(charges.restore_power * kSlot);
  // ended[j][e]: j done, the last run ends before slot e and may be followed by a pause.
  const std::vector<double> row(window + 1, kNone);
  std::vector<std::vector<double>> ended(count + 1, row);
  double least = kNone;
  for (std::size_t j = 0; j < count; ++j) {
    for (std::size_t begin = 0; begin < window; ++begin) {
      // The cheapest way to be ready to work in slot `begin` with j done.
      double ready = kNone;
      if (j == 0) {
        ready = 0;
        for (std::size_t u = 0; u < begin; ++u) ready += idle * c(u) + hold;
      }
      const std::size_t least_gap =
          std::max<std::size_t>(charges.min_pause, 1) + charges.restore_slots;
      for (std::size_t end = 1; j > 0 && end + least_gap <= begin; ++end) {
        double cost = ended[j][end] + as_kwh(charges.pause) * c(end - 1);
        for (std::size_t u = end; u < begin; ++u) {
          const bool restores = u + charges.restore_slots >= begin;
          if (restores && problem.is_forbidden(u)) cost = kNone;
          cost += (restores ? restore : idle) * c(u) + hold;
        }
        ready = std::min(ready, cost + as_kwh(charges.resume) * c(begin));
      }
      for (std::size_t k = 0; j + k < count && begin + k < window; ++k) {
        if (problem.is_forbidden(begin + k)) break;
        ready += as_kwh(problem.work[j + k]) * c(begin + k);
        const std::size_t end = begin + k + 1;
        if (k + 1 >= charges.min_run)
          ended[j + k + 1][end] = std::min(ended[j + k + 1][end], ready);
        if (j + k + 1 == count) least = std::min(least, ready);
      }
    }
  }
  return std::isinf(least) ? std::nan("") : least;
}

}  // namespace lowtide::plan
