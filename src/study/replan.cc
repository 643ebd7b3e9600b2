#include "study/replan.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "plan/exact.h"
#include "plan/policies.h"

namespace lowtide::study {
namespace {

using plan::Slots;

Slots contiguous(std::size_t from, std::size_t count) {
  Slots slots(count);
  std::iota(slots.begin(), slots.end(), from);
  return slots;
}

plan::Charges charges_of(const ReplanJob& job) {
  plan::Charges charges;
  charges.resume = job.resume;
  return charges;
}

bool all_known(std::span<const Intensity> values) {
  return std::all_of(values.begin(), values.end(), plan::is_known);
}

// The exact plan goes on from where the job is.
//   not begun  its first start is free
//   paused     its first start is a resume: charged with the first slot's work
//   running    only going on at once is free. A slot is put before the others that is worked for
//              nothing there, and so dearly anywhere else that it is worked there.
class Ahead {
 public:
  Ahead(const ReplanJob& job, std::span<const Intensity> said, std::size_t left)
      : job_(job), said_(said), work_(left, job.per_slot) {}

  Slots from_rest(bool begun) {
    if (begun) work_.front() += job_.resume;
    return slots_of(said_);
  }

  Slots from_running() {
    if (job_.resume <= Energy{}) return slots_of(said_);
    // Dearer than any resume even where the intensity is zero.
    constexpr Intensity kLeast = grams_per_kwh(1e-3);
    std::vector<Intensity> with_now{Intensity{}};
    for (const Intensity value : said_) with_now.push_back(value + kLeast);
    work_.insert(work_.begin(), job_.resume * 1e7);
    Slots slots = slots_of(with_now);
    slots.erase(slots.begin());
    for (std::size_t& slot : slots) --slot;
    return slots;
  }

 private:
  // There always is one: nothing is forbidden.
  [[nodiscard]] Slots slots_of(std::span<const Intensity> intensity) const {
    auto made = plan::exact({intensity, work_, charges_of(job_)});
    return made ? std::move(made->slots) : contiguous(0, work_.size());
  }

  const ReplanJob& job_;
  std::span<const Intensity> said_;
  std::vector<Energy> work_;
};

// What the resumes of a plan cost by the forecast; `at_once`: going on in slot 0 is none.
Carbon resumes_of(const ReplanJob& job, std::span<const Intensity> said, const Slots& slots,
                  bool begun, bool at_once) {
  Carbon sum;
  for (std::size_t j = 0; j < slots.size(); ++j) {
    const bool first = j == 0 && (!begun || (at_once && slots[0] == 0));
    if (!first && (j == 0 || slots[j] > slots[j - 1] + 1)) sum += job.resume * said[slots[j]];
  }
  return sum;
}

}  // namespace

plan::Slots replan_exact(const ReplanJob& job, const Said& said, const MayShift& may_shift) {
  Slots done;
  for (std::size_t now = 0; done.size() < job.work; now += job.every) {
    const std::size_t left = job.work - done.size();
    const std::size_t window = job.window() - now;
    const bool begun = !done.empty();
    const bool running = begun && done.back() + 1 == now;
    WayOn ahead{contiguous(0, left), {}};
    const std::span<const Intensity> values = said(now).first(window);
    if (left < window && all_known(values)) {
      Ahead planner(job, values, left);
      WayOn plan{running ? planner.from_running() : planner.from_rest(begun), {}};
      plan.charges = resumes_of(job, values, plan.slots, begun, running);
      ahead.charges = resumes_of(job, values, ahead.slots, begun, running);
      if (!may_shift || may_shift({now, done, ahead, plan})) ahead = std::move(plan);
    }
    for (const std::size_t slot : ahead.slots) {
      if (slot < job.every) done.push_back(now + slot);
    }
  }
  return done;
}

plan::Slots replan_start(const ReplanJob& job, const Said& said, const MayShift& may_shift) {
  const std::vector<Energy> work(job.work, job.per_slot);
  const Slots nothing_done;
  const WayOn run_on{contiguous(0, job.work), {}};
  std::size_t now = 0;
  while (now < job.slack) {
    const std::span<const Intensity> values = said(now).first(job.window() - now);
    if (!all_known(values)) break;
    const auto made = plan::flexible_start({values, work});
    if (!made) break;
    const WayOn plan{*made, {}};
    if (may_shift && !may_shift({now, nothing_done, run_on, plan})) break;
    if (plan.slots.front() < job.every) {
      now += plan.slots.front();
      break;
    }
    now += job.every;
  }
  return contiguous(std::min(now, job.slack), job.work);
}

Carbon cost_on(const ReplanJob& job, std::span<const Intensity> truth, const plan::Slots& slots) {
  const std::vector<Energy> work(slots.size(), job.per_slot);
  return plan::cost_of({truth, work, charges_of(job)}, slots).total();
}

}  // namespace lowtide::study
