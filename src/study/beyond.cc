#include "study/beyond.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace lowtide::study {
namespace {

using plan::Policy;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr auto kPolicies = {Policy::flexible_start, Policy::lowest_slots, Policy::exact};

bool all_known(std::span<const Intensity> values) {
  return std::all_of(values.begin(), values.end(), plan::is_known);
}

// One window of a piece: charges, and its starts one by one.
class Window {
 public:
  Window(const Study& study, const BeyondAsk& ask, Piece piece)
      : study_(study), ask_(ask), piece_(piece), job_(study.jobs[piece.job]) {}

  std::vector<BeyondRow> rows(std::size_t window, plan::Machine machine) {
    std::vector<BeyondRow> out;
    for (const Policy policy : kPolicies) {
      out.push_back({piece_.region, piece_.job, window, machine, policy, {}});
    }
    const plan::Charges charges = charges_of(machine);
    const std::size_t slots =
        job_.work.size() + study_.windows[window].slots(job_.work.size(), study_.slot);
    const auto& intensity = study_.regions[piece_.region].intensity;
    for (std::size_t t = 0; t + slots <= intensity.size(); ++t) {
      if (!study_.rules[ask_.rule].holds(study_.at(piece_.region, t))) continue;
      const auto seen = std::span(intensity).subspan(t, slots);
      if (all_known(seen)) add_start({seen, job_.work, charges}, other_at(t, slots), out);
    }
    return out;
  }

 private:
  [[nodiscard]] double gpus() const { return std::max(1, job_.gpus); }
  [[nodiscard]] Power mean_power() const {
    return job_.energy() / (study_.slot * static_cast<std::int64_t>(job_.work.size()));
  }
  [[nodiscard]] plan::Charges charges_of(plan::Machine machine) const {
    plan::Charges out;
    out.machine = machine;
    out.resume = mean_power() * ask_.resume;
    out.restore_slots =
        static_cast<std::size_t>((ask_.restore + study_.slot - Duration(1)) / study_.slot);
    out.restore_power = mean_power();
    if (machine != plan::Machine::held) return out;
    out.idle_power = mean_power() * ask_.idle_share;
    out.hold_per_hour = ask_.hold_per_gpu_hour * gpus();
    return out;
  }
  [[nodiscard]] std::span<const Intensity> other_at(std::size_t t, std::size_t slots) const {
    if (ask_.other.empty()) return {};
    const auto seen = std::span(ask_.other[piece_.region]).subspan(t, slots);
    return all_known(seen) ? seen : std::span<const Intensity>();
  }

  void add_start(const plan::Problem& problem, std::span<const Intensity> other,
                 std::vector<BeyondRow>& rows) const {
    plan::DecideOptions options;
    options.with_break_even = false;
    if (ask_.price_per_gpu_hour) options.price_per_hour = *ask_.price_per_gpu_hour * gpus();
    const auto decision = plan::decide(problem, options);
    if (!decision) return;
    const plan::Outcome& now = decision->of(Policy::now);
    for (BeyondRow& row : rows) {
      const plan::Outcome& then = decision->of(row.policy);
      if (!then.may_run()) continue;
      add(row.sums, now, then);
      if (!other.empty()) add_other(row.sums, {other, problem.work, problem.charges}, now, then);
    }
  }

  static void add(BeyondSums& sums, const plan::Outcome& now, const plan::Outcome& then) {
    ++sums.starts;
    sums.now += as_grams(now.cost.total());
    sums.then += as_grams(then.cost.total());
    sums.resumes += then.cost.resumes;
    sums.shifted += then.slots != now.slots ? 1 : 0;
    sums.extra_money += then.extra_money.value_or(0);
  }
  static void add_other(BeyondSums& sums, const plan::Problem& other, const plan::Outcome& now,
                        const plan::Outcome& then) {
    const double before = as_grams(cost_of(other, now.slots).total());
    const double after = as_grams(cost_of(other, then.slots).total());
    ++sums.other_starts;
    sums.other_now += before;
    sums.other_then += after;
    sums.other_worse += after > before * (1 + 1e-9) ? 1 : 0;
  }

  const Study& study_;
  const BeyondAsk& ask_;
  Piece piece_;
  const StudyJob& job_;
};

void add(BeyondSums& sum, const BeyondSums& more) {
  sum.starts += more.starts;
  sum.now += more.now;
  sum.then += more.then;
  sum.resumes += more.resumes;
  sum.shifted += more.shifted;
  sum.other_starts += more.other_starts;
  sum.other_now += more.other_now;
  sum.other_then += more.other_then;
  sum.other_worse += more.other_worse;
  sum.extra_money += more.extra_money;
}

}  // namespace

double BeyondRow::pct(double now, double then) { return now > 0 ? 100 * (1 - then / now) : kNaN; }

double BeyondRow::money_per_tonne() const {
  constexpr double kGramsPerTonne = 1e6;
  const double avoided = sums.now - sums.then;
  return avoided > 0 ? sums.extra_money / avoided * kGramsPerTonne : kNaN;
}

std::vector<BeyondRow> beyond(const Study& study, const BeyondAsk& ask, Piece piece) {
  std::vector<BeyondRow> out;
  Window at(study, ask, piece);
  for (const std::size_t window : ask.windows) {
    for (const plan::Machine machine : ask.machines) {
      const auto rows = at.rows(window, machine);
      out.insert(out.end(), rows.begin(), rows.end());
    }
  }
  return out;
}

std::vector<BeyondRow> over_regions(const std::vector<BeyondRow>& rows) {
  using Key = std::tuple<std::size_t, std::size_t, plan::Machine, Policy>;
  std::map<Key, BeyondRow> sums;
  for (const BeyondRow& row : rows) {
    const Key key{row.job, row.window, row.machine, row.policy};
    const auto [place, added] = sums.try_emplace(key, row);
    if (!added) add(place->second.sums, row.sums);
  }
  std::vector<BeyondRow> out;
  out.reserve(sums.size());
  for (const auto& [key, row] : sums) out.push_back(row);
  return out;
}

}  // namespace lowtide::study
