#include "plan/policies.h"

#include <algorithm>
#include <numeric>

#include "plan/sweep.h"

namespace lowtide::plan {
namespace {

Slots contiguous(std::size_t from, std::size_t count) {
  Slots slots(count);
  std::iota(slots.begin(), slots.end(), from);
  return slots;
}

// For each slot how many before it are forbidden.
std::vector<std::size_t> forbidden_before(const Problem& problem) {
  std::vector<std::size_t> before(problem.intensity.size() + 1, 0);
  for (std::size_t u = 0; u < problem.intensity.size(); ++u) {
    before[u + 1] = before[u] + (problem.is_forbidden(u) ? 1 : 0);
  }
  return before;
}

// For each slot the price of all before it.
std::vector<Carbon> price_before(const Problem& problem) {
  std::vector<Carbon> before(problem.intensity.size() + 1);
  for (std::size_t u = 0; u < problem.intensity.size(); ++u) {
    before[u + 1] = before[u] + problem.price_of(u);
  }
  return before;
}

// What waiting from slot 0 until each start costs.
std::vector<Carbon> cost_of_waiting(const Problem& problem) {
  std::vector<Carbon> cost(problem.slack() + 1);
  if (problem.charges.machine != Machine::held) return cost;
  for (std::size_t u = 0; u < problem.slack(); ++u) {
    cost[u + 1] = cost[u] + problem.charges.idle_power * kSlot * problem.intensity[u] +
                  problem.charges.hold_per_hour * as_hours(kSlot);
  }
  return cost;
}

// The level under which `share` of the known values lie.
std::optional<Intensity> quantile(std::span<const Intensity> values, double share) {
  std::vector<Intensity> known;
  std::copy_if(values.begin(), values.end(), std::back_inserter(known), is_known);
  if (known.empty()) return std::nullopt;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(known.size() - 1));
  std::nth_element(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(at), known.end());
  return known[at];
}

// The two thresholds are apart by what a resume costs, spread over an hour's work: a pause of an
// hour at the higher one pays for it.
Intensity apart(const Problem& problem, Intensity level) {
  const Charges& charges = problem.charges;
  const Energy resume = charges.resume + charges.pause +
                        charges.restore_power * kSlot * static_cast<double>(charges.restore_slots);
  const Energy work = std::accumulate(problem.work.begin(), problem.work.end(), Energy{});
  const double slots_an_hour = std::chrono::hours(1) / kSlot;
  const Energy hour = work * (slots_an_hour / static_cast<double>(problem.work.size()));
  return hour > Energy{} ? level * (resume / hour) : Intensity{};
}

// Walks through the window and decides in each slot whether to run, knowing only what was.
class ThresholdWalk {
 public:
  ThresholdWalk(const Problem& problem, Intensity run_under, Intensity pause_above)
      : problem_(problem), run_under_(run_under), pause_above_(pause_above) {}

  std::optional<Slots> walk() {
    count_room();
    for (std::size_t u = 0; u < problem_.intensity.size() && !done(); ++u) step(u);
    if (!done()) return std::nullopt;
    return slots_;
  }

 private:
  [[nodiscard]] bool done() const { return slots_.size() == problem_.work.size(); }
  [[nodiscard]] bool running(std::size_t u) const {
    return !slots_.empty() && slots_.back() + 1 == u;
  }
  [[nodiscard]] std::size_t left() const { return problem_.work.size() - slots_.size(); }

  // Slots from each one on in which the job could run.
  void count_room() {
    room_.assign(problem_.intensity.size() + 1, 0);
    for (std::size_t u = problem_.intensity.size(); u-- > 0;) {
      room_[u] = room_[u + 1] + (problem_.is_forbidden(u) ? 0 : 1);
    }
  }

  // A pause that begins now ends at the earliest here.
  [[nodiscard]] std::size_t earliest_resume(std::size_t u) const {
    return u + std::max<std::size_t>(problem_.charges.min_pause, 1) +
           problem_.charges.restore_slots;
  }

  [[nodiscard]] bool may_pause(std::size_t u) const {
    const std::size_t back = earliest_resume(u);
    return u - run_from_ >= problem_.charges.min_run && back < room_.size() &&
           room_[back] >= left();
  }

  void step(std::size_t u) {
    if (problem_.is_forbidden(u)) return;
    const Intensity c = problem_.intensity[u];
    const bool go_on = running(u) && (c <= pause_above_ || !may_pause(u));
    const bool begin = !running(u) && may_begin(u) && (c <= run_under_ || room_[u + 1] < left());
    if (!go_on && !begin) return;
    if (begin) run_from_ = u;
    slots_.push_back(u);
  }

  [[nodiscard]] bool may_begin(std::size_t u) const {
    if (slots_.empty()) return true;
    if (u < earliest_resume(slots_.back() + 1)) return false;
    for (std::size_t slot = u - problem_.charges.restore_slots; slot < u; ++slot) {
      if (problem_.is_forbidden(slot)) return false;
    }
    return true;
  }

  const Problem& problem_;
  Intensity run_under_;
  Intensity pause_above_;
  std::vector<std::size_t> room_;
  Slots slots_;
  std::size_t run_from_ = 0;
};

}  // namespace

std::optional<Slots> run_now(const Problem& problem) {
  const std::size_t count = problem.work.size();
  if (forbidden_before(problem)[count] > 0) return std::nullopt;
  return contiguous(0, count);
}

std::optional<Slots> earliest_run(const Problem& problem) {
  const std::size_t count = problem.work.size();
  const auto forbidden = forbidden_before(problem);
  for (std::size_t start = 0; start <= problem.slack(); ++start) {
    if (forbidden[start + count] == forbidden[start]) return contiguous(start, count);
  }
  return std::nullopt;
}

std::optional<Slots> flexible_start(const Problem& problem) {
  constexpr double kRounding = 1e-12;
  const std::size_t count = problem.work.size();
  const auto forbidden = forbidden_before(problem);
  const auto waiting = cost_of_waiting(problem);
  const auto price = price_before(problem);
  const auto working = baseline_for_all(problem.intensity, problem.work);
  std::optional<std::size_t> best;
  Carbon least;
  for (std::size_t start = 0; start <= problem.slack(); ++start) {
    if (forbidden[start + count] > forbidden[start]) continue;
    const Carbon cost = waiting[start] + working[start] + (price[start + count] - price[start]);
    if (best && cost >= least * (1 - kRounding)) continue;
    best = start;
    least = cost;
  }
  if (!best) return std::nullopt;
  return contiguous(*best, count);
}

std::optional<Slots> lowest_slots(const Problem& problem) {
  Slots slots;
  for (std::size_t u = 0; u < problem.intensity.size(); ++u) {
    if (!problem.is_forbidden(u)) slots.push_back(u);
  }
  const std::size_t count = problem.work.size();
  if (slots.size() < count) return std::nullopt;
  const auto end = slots.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(slots.begin(), end, slots.end(), [&](std::size_t a, std::size_t b) {
    const Intensity ca = problem.intensity[a];
    const Intensity cb = problem.intensity[b];
    return ca < cb || (ca == cb && a < b);
  });
  slots.erase(end, slots.end());
  std::sort(slots.begin(), slots.end());
  return slots;
}

std::optional<Slots> double_threshold(const Problem& problem, std::span<const Intensity> history) {
  const double share =
      static_cast<double>(problem.work.size()) / static_cast<double>(problem.intensity.size());
  const auto level = quantile(history, share);
  if (!level) return std::nullopt;
  return ThresholdWalk(problem, *level, *level + apart(problem, *level)).walk();
}

}  // namespace lowtide::plan
