#include "plan/onward.h"

#include <algorithm>
#include <vector>

#include "plan/exact.h"

namespace lowtide::plan {
namespace {

// Added to every intensity of the window, so that the slots before it, of intensity zero, are the
// cheapest whatever stands in it.
constexpr Intensity kLeast = grams_per_kwh(1e-3);

// The problem with the job's past before it: slots that are worked at no cost, and so dearly
// anywhere else that they are worked there; paused, slots after them in which nothing may run.
class WithPast {
 public:
  WithPast(const Problem& problem, Standing standing) : charges_(problem.charges) {
    run_ = std::max<std::size_t>(charges_.min_run, 1);
    const std::size_t pause =
        standing == Standing::paused ? std::max<std::size_t>(charges_.min_pause, 1) : 0;
    past_ = run_ + pause;
    intensity_.assign(past_, Intensity{});
    for (const Intensity value : problem.intensity) intensity_.push_back(value + kLeast);
    work_.assign(run_, dear(problem));
    work_.insert(work_.end(), problem.work.begin(), problem.work.end());
    forbidden_.assign(run_, false);
    forbidden_.insert(forbidden_.end(), pause, true);
    for (std::size_t slot = 0; slot < problem.intensity.size(); ++slot) {
      forbidden_.push_back(problem.is_forbidden(slot));
    }
  }

  [[nodiscard]] Problem problem() const { return {intensity_, work_, charges_, forbidden_}; }
  // From the window alone to the whole, and back.
  [[nodiscard]] Slots whole(const Slots& slots) const {
    Slots out;
    for (std::size_t slot = 0; slot < run_; ++slot) out.push_back(slot);
    for (const std::size_t slot : slots) out.push_back(past_ + slot);
    return out;
  }
  [[nodiscard]] bool is_kept(const Slots& slots) const { return slots[run_ - 1] == run_ - 1; }
  [[nodiscard]] Slots of_window(const Slots& slots) const {
    Slots out;
    for (std::size_t j = run_; j < slots.size(); ++j) out.push_back(slots[j] - past_);
    return out;
  }
  // With the work of the past at no cost.
  [[nodiscard]] Carbon cost(const Problem& problem, const Slots& slots) {
    std::copy(problem.intensity.begin(), problem.intensity.end(), intensity_.begin() + offset());
    std::fill_n(work_.begin(), run_, Energy{});
    return cost_of(this->problem(), whole(slots)).total();
  }

 private:
  [[nodiscard]] std::ptrdiff_t offset() const { return static_cast<std::ptrdiff_t>(past_); }

  // At kLeast alone more than all that a plan may cost.
  [[nodiscard]] static Energy dear(const Problem& problem) {
    const Charges& charges = problem.charges;
    const Energy each_slot = (charges.restore_power + charges.idle_power) * kSlot;
    const auto window = static_cast<double>(problem.intensity.size());
    Energy most = each_slot * window;
    for (const Energy work : problem.work) most += work + charges.resume + charges.pause;
    Intensity highest = kLeast;
    for (const Intensity value : problem.intensity) highest = std::max(highest, value + kLeast);
    const Carbon held = charges.hold_per_hour * as_hours(kSlot) * window;
    return kwh(2 * as_grams(most * highest + held) / as_grams_per_kwh(kLeast) + 1);
  }

  Charges charges_;
  std::size_t run_ = 0;
  std::size_t past_ = 0;
  std::vector<Intensity> intensity_;
  std::vector<Energy> work_;
  std::vector<bool> forbidden_;
};

}  // namespace

Result<Slots> exact_from(const Problem& problem, Standing standing) {
  if (const auto sound = check(problem); !sound) return tl::unexpected(sound.error());
  if (standing == Standing::not_begun) {
    auto plan = exact(problem);
    if (!plan) return tl::unexpected(plan.error());
    return std::move(plan->slots);
  }
  const WithPast past(problem, standing);
  const auto plan = exact(past.problem());
  if (!plan) return tl::unexpected(plan.error());
  if (!past.is_kept(plan->slots)) {
    return fail(ErrorKind::absent, "the rest of the window leaves no room to go on");
  }
  return past.of_window(plan->slots);
}

Carbon cost_from(const Problem& problem, Standing standing, const Slots& slots) {
  if (standing == Standing::not_begun) return cost_of(problem, slots).total();
  return WithPast(problem, standing).cost(problem, slots);
}

}  // namespace lowtide::plan
