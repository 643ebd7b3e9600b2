// What the exact sweeps share: the charges of a problem in grams, slot by slot, and what a sweep
// gives. Private to exact.cc and the sweeps.
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "plan/problem.h"

namespace lowtide::plan {

inline constexpr double kNever = std::numeric_limits<double>::infinity();

// Least cost of being done at each end: after slot count, count + 1, .. window; where nothing is
// charged, of being done by then.
struct Ends {
  std::vector<double> cost;
  std::vector<bool> short_run;  // whether the last run is shorter than the least
  void add(double run, double last_run) {
    cost.push_back(std::min(run, last_run));
    short_run.push_back(last_run < run);
  }
  [[nodiscard]] std::size_t best() const {
    return static_cast<std::size_t>(std::min_element(cost.begin(), cost.end()) - cost.begin());
  }
};

// Sums over the window's slots, so that those of any stretch are a difference.
class Sums {
 public:
  template <typename Value>
  Sums(std::size_t slots, Value value) : until_(slots + 1, 0.0) {
    for (std::size_t u = 0; u < slots; ++u) until_[u + 1] = until_[u] + value(u);
  }
  [[nodiscard]] double of(std::size_t from, std::size_t to) const {
    return until_[to] - until_[from];
  }

 private:
  std::vector<double> until_;
};

// The charges in grams a slot, and where the rules of running and pausing allow what.
class Rules {
 public:
  explicit Rules(const Problem& problem)
      : problem_(problem),
        window_(problem.intensity.size()),
        min_run_(std::clamp<std::size_t>(problem.charges.min_run, 1, problem.work.size())),
        min_pause_(std::clamp<std::size_t>(problem.charges.min_pause, 1, window_)),
        restore_(std::min(problem.charges.restore_slots, window_)),
        hold_(window_, [&](std::size_t u) { return idle_cost(u); }),
        restoring_(window_, [&](std::size_t u) { return restore_cost(u); }),
        forbidden_(window_, [&](std::size_t u) { return problem.is_forbidden(u) ? 1.0 : 0.0; }),
        prices_(window_, [&](std::size_t u) { return as_grams(problem.price_of(u)); }) {}

  [[nodiscard]] std::size_t min_run() const { return min_run_; }
  [[nodiscard]] std::size_t min_pause() const { return min_pause_; }
  [[nodiscard]] std::size_t restore() const { return restore_; }
  [[nodiscard]] bool has_long_runs() const { return min_run_ > 1; }
  // Nothing is charged and no rule is kept, so running and waiting cost alike.
  [[nodiscard]] bool is_free() const {
    return !is_held() && problem_.charges.resume == Energy{} && restore_ == 0 && min_run_ == 1 &&
           min_pause_ == 1;
  }
  // Slots without work, or stopping, cost something.
  [[nodiscard]] bool is_held() const {
    const Charges& charges = problem_.charges;
    const bool holds = held() && (charges.idle_power > Power{} || charges.hold_per_hour > Carbon{});
    return holds || charges.pause > Energy{} || !problem_.price.empty();
  }

  [[nodiscard]] double hold(std::size_t u) const { return hold_.of(u, u + 1); }
  // The price of all slots up to an end. A sweep counts it there, and what a slot is worth as saved
  // where it holds in it: the work itself need not know of prices.
  [[nodiscard]] double price_until(std::size_t end) const { return prices_.of(0, end); }
  // What it costs to have stopped a least pause before slot u, and held on since.
  [[nodiscard]] double pause_charge(std::size_t u) const {
    const std::size_t ended = u - min_pause_;
    if (u <= min_pause_) return kNever;
    return as_grams(problem_.charges.pause * problem_.intensity[ended - 1]) + hold_.of(ended, u);
  }
  // What it costs to work in slot u again; never where the state cannot be read back before it.
  [[nodiscard]] double resume_charge(std::size_t u) const {
    if (u < restore_ || any_forbidden(u - restore_, u)) return kNever;
    return restoring_.of(u - restore_, u) +
           as_grams(problem_.charges.resume * problem_.intensity[u]);
  }
  [[nodiscard]] bool any_forbidden(std::size_t from, std::size_t to) const {
    return forbidden_.of(from, to) > 0;
  }

 private:
  [[nodiscard]] bool held() const { return problem_.charges.machine == Machine::held; }
  [[nodiscard]] double holding() const {
    return held() ? as_grams(problem_.charges.hold_per_hour) * as_hours(kSlot) : 0.0;
  }
  [[nodiscard]] double idle_cost(std::size_t u) const {
    const Carbon power = problem_.charges.idle_power * kSlot * problem_.intensity[u];
    return (held() ? as_grams(power) + holding() : 0.0) - as_grams(problem_.price_of(u));
  }
  [[nodiscard]] double restore_cost(std::size_t u) const {
    return as_grams(problem_.charges.restore_power * kSlot * problem_.intensity[u]) + holding();
  }

  const Problem& problem_;
  std::size_t window_;
  std::size_t min_run_;
  std::size_t min_pause_;
  std::size_t restore_;
  Sums hold_;
  Sums restoring_;
  Sums forbidden_;
  Sums prices_;
};

}  // namespace lowtide::plan
