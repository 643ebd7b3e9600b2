#include "study/review.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "plan/exact.h"
#include "plan/policies.h"

namespace lowtide::study {
namespace {

using plan::Slots;
using Series = std::vector<Intensity>;

// As near to zero as a sum of slots gets.
constexpr double kRounding = 1e-9;

// A schedule, or why there is none.
struct Link {
  std::optional<Slots> slots;
  std::string why_not;
};

// All that a run is judged with.
class Judge {
 public:
  explicit Judge(const Shifted& run) : run_(run) {}

  // The cheapest schedule of the window, as this intensity and these charges have it.
  [[nodiscard]] Link cheapest(const Series& intensity, const plan::Charges& charges) const {
    const std::span<const Intensity> window = std::span(intensity).first(window_of(intensity));
    const plan::Problem problem{window, run_.work, charges, padded(run_.forbidden, window.size())};
    if (auto fine = check(problem); !fine) return {std::nullopt, fine.error().message};
    if (!run_.pausable) return found(plan::flexible_start(problem));
    auto plan = plan::exact(problem);
    if (!plan) return {std::nullopt, plan.error().message};
    return {std::move(plan->slots), {}};
  }

  [[nodiscard]] plan::Problem truth() const {
    return {run_.known, run_.work, charges_of(run_), {}};
  }

  // What the schedule emitted by all that is known today.
  [[nodiscard]] Judged price(const Link& link) const {
    if (!link.slots) return {std::nullopt, link.why_not};
    if (link.slots->back() >= run_.known.size()) {
      return {std::nullopt, "the intensity is not known to its end"};
    }
    const Carbon cost = cost_of(truth(), *link.slots).total();
    if (std::isfinite(as_grams(cost))) return {cost, {}};
    return {std::nullopt, "the intensity of some of its time is not known"};
  }

  // The first plan's schedule, as its forecast gives it.
  [[nodiscard]] Judged promise() const {
    if (run_.forecast.empty()) return {std::nullopt, "the first plan's forecast is not kept"};
    return price(cheapest(run_.forecast, run_.planned));
  }

  // The best by the values as they were first published.
  [[nodiscard]] Judged publication() const {
    if (run_.published.empty()) return {std::nullopt, "the values as first published are not kept"};
    return price(cheapest(run_.published, run_.planned));
  }

  [[nodiscard]] Link at_once() const {
    const plan::Problem problem = truth();
    return found(plan::earliest_run({problem.intensity, problem.work, problem.charges,
                                     padded(run_.forbidden, problem.intensity.size())}));
  }

  [[nodiscard]] std::string why_no_plan() const {
    if (run_.ran.back() >= run_.window) return "it ended after its deadline";
    plan::Problem problem = truth();
    problem.forbidden = padded(run_.forbidden, problem.intensity.size());
    return std::string(plan::why_illegal(problem, run_.ran));
  }

 private:
  [[nodiscard]] std::size_t window_of(const Series& intensity) const {
    return std::min(intensity.size(), std::max(run_.window, run_.work.size()));
  }
  static Link found(std::optional<Slots> slots) {
    if (slots) return {std::move(slots), {}};
    return {std::nullopt, "no run of its length was allowed in the window"};
  }
  static std::vector<bool> padded(std::vector<bool> forbidden, std::size_t size) {
    if (!forbidden.empty()) forbidden.resize(size);
    return forbidden;
  }

  const Shifted& run_;
};

// from - to, where both are known.
std::optional<Carbon> between(const Judged& from, const Judged& to) {
  if (!from.carbon || !to.carbon) return std::nullopt;
  return *from.carbon - *to.carbon;
}

// What ran, links on the way, and hindsight, each as it is priced.
struct Chain {
  Judged actual, forecast, published, measured, hindsight;
};

Judged part(const Judged& from, const Judged& to) {
  return {between(from, to), from.carbon ? to.why_not : from.why_not};
}

Judged covered(const std::string& why) { return {std::nullopt, why + ": forecast covers it"}; }

// Without the first plan's schedule the part behind it begins with what ran.
void tell_apart(const Chain& chain, Review& out) {
  const bool first_known = chain.forecast.carbon.has_value();
  out.policy = first_known ? part(chain.actual, chain.forecast) : covered(chain.forecast.why_not);
  out.forecast = part(first_known ? chain.forecast : chain.actual, chain.published);
  out.charges = part(chain.published, chain.measured);
  out.revision = part(chain.measured, chain.hindsight);
}

// What a schedule draws in each slot of the window, pausing, restoring and waiting included: times
// the intensity it is cost_of(), but for what a held machine embodies.
std::vector<Energy> drawn(const plan::Problem& problem, const Slots& slots) {
  const plan::Charges& charges = problem.charges;
  const bool held = charges.machine == plan::Machine::held;
  std::vector<Energy> out(problem.intensity.size());
  std::size_t free_from = 0;
  for (std::size_t j = 0; j < slots.size(); ++j) {
    const bool resumes = j > 0 && slots[j] > free_from;
    if (resumes) out[free_from - 1] += charges.pause;
    if (resumes) out[slots[j]] += charges.resume;
    const std::size_t restoring =
        resumes ? std::min(charges.restore_slots, slots[j] - free_from) : 0;
    for (std::size_t slot = free_from; slot < slots[j]; ++slot) {
      const bool restores = slot + restoring >= slots[j];
      if (restores) out[slot] += charges.restore_power * kSlot;
      if (held && !restores) out[slot] += charges.idle_power * kSlot;
    }
    out[slots[j]] += problem.work[j];
    free_from = slots[j] + 1;
  }
  return out;
}

Judged added(const Judged& sum, const Judged& more) {
  if (!sum.carbon) return sum;
  if (!more.carbon) return more;
  return {*sum.carbon + *more.carbon, {}};
}

// What is not known of one run is in a neighbour's part, so that it adds nothing here.
Judged added_part(const Judged& sum, const Judged& more) {
  if (!sum.carbon) return more;
  if (!more.carbon) return sum;
  return {*sum.carbon + *more.carbon, {}};
}

Result<void> check_run(const Shifted& run) {
  if (run.work.empty()) return fail(ErrorKind::malformed, "the job has no work");
  if (run.ran.size() == run.work.size()) return {};
  return fail(ErrorKind::malformed, "the schedule is not of the job's work");
}

}  // namespace

const plan::Charges& charges_of(const Shifted& run) {
  return run.measured ? *run.measured : run.planned;
}

std::optional<Carbon> Review::saved() const { return between(now, actual); }

Result<Review> review(const Shifted& run) {
  if (auto fine = check_run(run); !fine) return tl::unexpected(fine.error());
  const Judge judge(run);
  const plan::Charges& charges = charges_of(run);
  const Link now = judge.at_once();
  const Link best = judge.cheapest(run.known, charges);
  const Judged first = judge.publication();
  const Series& published = first.carbon ? run.published : run.known;
  const Chain chain{judge.price({run.ran, {}}), judge.promise(),
                    judge.price(judge.cheapest(published, run.planned)),
                    judge.price(judge.cheapest(published, charges)), judge.price(best)};
  Review out;
  out.actual = chain.actual;
  out.now = judge.price(now);
  out.hindsight = chain.hindsight;
  out.now_slots = now.slots.value_or(Slots{});
  out.best_slots = best.slots.value_or(Slots{});
  out.regret = between(out.actual, out.hindsight);
  out.not_a_plan = judge.why_no_plan();
  tell_apart(chain, out);
  if (!first.carbon) out.revision = covered(first.why_not);
  if (run.pausable && !run.measured) {
    out.charges = {std::nullopt, "no pause of the run taught what one takes: as planned"};
  }
  return out;
}

plan::Slots slots_of(std::span<const Interval> ran, Utc submitted, std::size_t work) {
  const Utc first = slot_begin(submitted);
  Slots slots;
  Duration done{};
  std::size_t next = 0;
  for (const Interval& stretch : ran) {
    done += stretch.length();
    const auto whole = static_cast<std::size_t>((done + kSlot / 2) / kSlot);
    const Duration since = std::max(slot_begin(stretch.begin) - first, Duration{});
    next = std::max(next, static_cast<std::size_t>(since / kSlot));
    while (slots.size() < std::min(whole, work)) slots.push_back(next++);
  }
  while (slots.size() < work) slots.push_back(next++);
  return slots;
}

SavedRange saved_range(const plan::Problem& problem, const plan::Slots& instead,
                       const plan::Slots& ran, IntensityError error) {
  const std::vector<Energy> more = drawn(problem, instead);
  const std::vector<Energy> less = drawn(problem, ran);
  Carbon grows;    // with the intensity
  Carbon shrinks;  // as it grows
  for (std::size_t slot = 0; slot < more.size(); ++slot) {
    const Energy difference = more[slot] - less[slot];
    if (difference > Energy{}) grows += difference * problem.intensity[slot];
    if (difference < Energy{}) shrinks += -difference * problem.intensity[slot];
  }
  const Carbon saved = cost_of(problem, instead).total() - cost_of(problem, ran).total();
  return {saved - grows * error.low - shrinks * error.high,
          saved + grows * error.high + shrinks * error.low};
}

Finding finding_of(Carbon saved, Carbon now, const std::optional<SavedRange>& range) {
  if (std::abs(as_grams(saved)) <= kRounding * std::abs(as_grams(now))) return Finding::none;
  if (range && range->low <= Carbon{} && range->high >= Carbon{}) return Finding::within_error;
  return saved > Carbon{} ? Finding::less : Finding::more;
}

Review sum_of(std::span<const Review> reviews) {
  if (reviews.empty()) return {};
  Review sum = reviews.front();
  for (const Review& more : reviews.subspan(1)) {
    for (const auto figure : {&Review::actual, &Review::now, &Review::hindsight}) {
      sum.*figure = added(sum.*figure, more.*figure);
    }
    for (const auto each : kParts) sum.*each = added_part(sum.*each, more.*each);
  }
  sum.now_slots = sum.best_slots = {};
  sum.not_a_plan = {};
  sum.regret = between(sum.actual, sum.hindsight);
  if (sum.regret) return sum;
  for (const auto each : kParts) {
    sum.*each = {std::nullopt, "the best in hindsight is not known of every run"};
  }
  return sum;
}

}  // namespace lowtide::study
