#include "study/score_jobs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "plan/exact.h"
#include "plan/policies.h"

namespace lowtide::study {
namespace {

using plan::Slots;

constexpr std::size_t kVectors = 120;  // past errors of whole windows, a day apart
constexpr std::size_t kFewestVectors = 20;
constexpr Power kPower = watts(1000);  // of no consequence: every figure is a ratio

// Judges the whole of what a job will have cost, not the step: what was worked so far is known,
// what is to come is the forecast with each of the errors that the model made over whole windows of
// the last days, at the same hour (the joint band). The lower bound of the saving against having
// started at once is the quantile of these. A plan is taken where its lower bound is above zero, or
// else above that of running on: with a saving behind it a job may dare more, and one that waited
// for nothing takes the way out that is the least bad.
class Gate {
 public:
  Gate(const ScoreAsk& ask, const ReplanJob& job, const Issued& issued, std::size_t start)
      : quantile_(ask.gate),
        day_(ask.past.per_day()),
        job_(job),
        issued_(issued),
        start_(start),
        truth_(ask.past.values.subspan(start, job.window())) {}

  bool operator()(const Choice& choice) const {
    const Carbon so_far = cost_on(job_, truth_, contiguous(std::min(choice.now, job_.work))) -
                          cost_on(job_, truth_, choice.done);
    const auto plan = least(choice.now, choice.plan, so_far);
    if (!plan) return false;
    return *plan > 0 || *plan > least(choice.now, choice.run_on, so_far).value_or(0);
  }

 private:
  static Slots contiguous(std::size_t count) {
    Slots slots(count);
    std::iota(slots.begin(), slots.end(), std::size_t{0});
    return slots;
  }

  // The lower bound of the saving in g; nothing: too little is known of the errors.
  [[nodiscard]] std::optional<double> least(std::size_t now, const WayOn& way,
                                            Carbon so_far) const {
    std::vector<double> weights(job_.window() - now);
    for (std::size_t i = now; i < job_.work; ++i) weights[i - now] += 1;
    for (const std::size_t i : way.slots) weights[i] -= 1;
    std::vector<double> savings = savings_of(start_ + now, weights, so_far - way.charges);
    if (savings.size() < kFewestVectors) return std::nullopt;
    const auto place = static_cast<std::ptrdiff_t>(quantile_ * static_cast<double>(savings.size()));
    std::nth_element(savings.begin(), savings.begin() + place, savings.end());
    return savings[static_cast<std::size_t>(place)];
  }

  // In g, one for each vector of past errors.
  [[nodiscard]] std::vector<double> savings_of(std::size_t at, const std::vector<double>& weights,
                                               Carbon besides) const {
    std::vector<std::size_t> differ;
    double said = 0;
    const auto values = issued_.at(at);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] == 0) continue;
      differ.push_back(i);
      said += weights[i] * as_grams_per_kwh(values[i]);
    }
    std::vector<double> savings;
    // The newest whose whole window has come.
    std::size_t back = (weights.size() + day_ - 1) / day_ * day_;
    for (; savings.size() < kVectors && at >= back + issued_.first(); back += day_) {
      double off = 0;
      for (const std::size_t i : differ) off += weights[i] * issued_.error(at - back, i);
      if (std::isnan(off)) continue;
      savings.push_back(as_grams(job_.per_slot * grams_per_kwh(said + off) + besides));
    }
    return savings;
  }

  double quantile_;
  std::size_t day_;
  const ReplanJob& job_;
  const Issued& issued_;
  std::size_t start_;
  std::span<const Intensity> truth_;
};

// now, what the oracle spent, what the model spent.
constexpr std::size_t kNow = 0;
constexpr std::size_t kBest = 1;
constexpr std::size_t kSpent = 2;

double saving_of(std::span<const double> sums, std::size_t what) {
  return sums[kNow] > 0 ? 1 - sums[what] / sums[kNow] : std::nan("");
}
double kept_of(std::span<const double> sums) {
  const double best = sums[kNow] - sums[kBest];
  return best > 1e-9 * sums[kNow] ? (sums[kNow] - sums[kSpent]) / best : std::nan("");
}

JobScore play_one(const ScoreAsk& ask, const JobStarts& starts, const Issued& issued,
                  ReplanPolicy policy, bool gated) {
  JobScore out;
  out.job = starts.length;
  out.policy = policy;
  out.gated = gated;
  out.starts = starts.starts.size();
  const bool exact = policy == ReplanPolicy::exact;
  std::map<std::size_t, WeekSums> weeks;
  std::size_t worse = 0;
  for (std::size_t i = 0; i < starts.starts.size(); ++i) {
    const std::size_t start = starts.starts[i];
    const Said said = [&](std::size_t slot) { return issued.at(start + slot); };
    MayShift may_shift;
    if (gated) may_shift = Gate(ask, starts.job, issued, start);
    const Slots slots = exact ? replan_exact(starts.job, said, may_shift)
                              : replan_start(starts.job, said, may_shift);
    const auto truth = ask.past.values.subspan(start, starts.job.window());
    const Carbon spent = cost_on(starts.job, truth, slots);
    worse += spent > starts.now[i] * (1 + 1e-9) ? 1 : 0;
    WeekSums& sums = weeks[start / (7 * ask.past.per_day())];
    sums.resize(3);
    sums[kNow] += as_grams(starts.now[i]);
    sums[kBest] += as_grams(exact ? starts.exact[i] : starts.flexible_start[i]);
    sums[kSpent] += as_grams(spent);
  }
  std::vector<WeekSums> all;
  all.reserve(weeks.size());
  for (const auto& [week, sums] : weeks) all.push_back(sums);
  out.saving = over_weeks(all, [](auto sums) { return saving_of(sums, kSpent); });
  out.kept = over_weeks(all, kept_of);
  out.oracle = over_weeks(all, [](auto sums) { return saving_of(sums, kBest); }).value;
  out.worse = static_cast<double>(worse) / static_cast<double>(starts.starts.size());
  return out;
}

std::size_t slots_in(Duration length, Duration step) {
  return static_cast<std::size_t>((length + step - Duration(1)) / step);
}

std::size_t slot_at(const forecast::Past& past, Utc t) {
  return t <= past.begin ? 0 : slots_in(t - past.begin, past.step);
}

}  // namespace

JobStarts starts_of(const ScoreAsk& ask, Duration length) {
  const Duration step = ask.past.step;
  JobStarts out;
  out.length = length;
  out.job = {slots_in(length, step), slots_in(ask.slack, step), slots_of_hour(step), kPower * step,
             kPower * ask.resume};
  const std::vector<Energy> work(out.job.work, out.job.per_slot);
  plan::Charges charges;
  charges.resume = out.job.resume;
  const std::size_t end = std::min(slot_at(ask.past, ask.end), ask.past.size());
  for (std::size_t start = slot_at(ask.past, ask.begin); start + out.job.window() <= end;
       start += slots_in(ask.between_starts, step)) {
    const auto truth = ask.past.values.subspan(start, out.job.window());
    if (!std::all_of(truth.begin(), truth.end(), forecast::is_known)) continue;
    const plan::Problem problem{truth, work, charges};
    const auto exact = plan::exact(problem);
    const auto flexible = plan::flexible_start(problem);
    const auto now = plan::run_now(problem);
    if (!exact || !flexible || !now) continue;
    out.starts.push_back(start);
    out.now.push_back(cost_of(problem, *now).total());
    out.flexible_start.push_back(cost_of(problem, *flexible).total());
    out.exact.push_back(exact->cost);
  }
  return out;
}

std::vector<JobScore> play(const ScoreAsk& ask, const JobStarts& starts, const Issued& issued) {
  std::vector<JobScore> out;
  if (starts.starts.empty()) return out;
  for (const ReplanPolicy policy : {ReplanPolicy::flexible_start, ReplanPolicy::exact}) {
    for (const bool gated : {false, true}) {
      out.push_back(play_one(ask, starts, issued, policy, gated));
    }
  }
  return out;
}

}  // namespace lowtide::study
