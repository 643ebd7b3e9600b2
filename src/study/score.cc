#include "study/score.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "study/score_errors.h"
#include "study/score_jobs.h"

namespace lowtide::study {
namespace {

using forecast::ForecasterKind;
using forecast::Past;

constexpr Duration kHour = std::chrono::hours(1);
constexpr Duration kLeast = std::chrono::days(14);  // known before anything is said

std::size_t slot_of(const Past& past, Utc t) {
  return t <= past.begin ? 0 : static_cast<std::size_t>((t - past.begin) / past.step);
}

// The first slot at or after that begins an hour.
std::size_t on_the_hour(const Past& past, std::size_t slot) {
  const Duration since = past.begin.time_since_epoch();
  while ((since + past.step * static_cast<std::int64_t>(slot)) % kHour != Duration::zero()) ++slot;
  return slot;
}

IssueAsk issues_of(const ScoreAsk& ask) {
  IssueAsk out;
  out.past = ask.past;
  const Utc first = std::max(ask.begin - kGateDays, ask.past.begin + kLeast);
  out.first = on_the_hour(ask.past, slot_of(ask.past, first));
  out.end = std::min(slot_of(ask.past, ask.end), ask.past.size());
  Duration longest = kHour * static_cast<std::int64_t>(kHoursAhead);
  for (const Duration job : ask.jobs) longest = std::max(longest, job + ask.slack);
  out.ahead = static_cast<std::size_t>((longest + ask.past.step - Duration(1)) / ask.past.step);
  out.level = ask.level;
  return out;
}

double share(std::span<const double> sums, std::size_t of, std::size_t by) {
  return sums[by] > 0 ? sums[of] / sums[by] : std::nan("");
}

// Sum of the errors over that of the slots, of all hours ahead, from this place in the sums on.
double mae_of(std::span<const double> sums, std::size_t from = 0) {
  double errors = 0;
  double slots = 0;
  for (std::size_t hour = 0; hour < kHoursAhead; ++hour) {
    errors += sums[from + kAbs + hour];
    slots += sums[from + kCount + hour];
  }
  return slots > 0 ? errors / slots : std::nan("");
}

Spread pinball_of(const std::vector<WeekSums>& weeks, double mean) {
  return over_weeks(weeks, [mean](auto sums) { return share(sums, kPinball, kBanded) / mean; });
}

void add_errors(const std::vector<WeekSums>& weeks, double mean, ModelScore& score) {
  score.mae = over_weeks(weeks, [mean](auto sums) { return mae_of(sums) / mean; });
  score.coverage = over_weeks(weeks, [](auto sums) { return share(sums, kInside, kBanded); });
  score.pinball = pinball_of(weeks, mean);
  WeekSums all(kErrorSums);
  for (const WeekSums& week : weeks) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += week[i];
  }
  score.rank = share(all, kRank, kRanked);
  for (std::size_t hour = 0; hour < kHoursAhead; ++hour) {
    score.mae_by_hour.push_back(share(all, kAbs + hour, kCount + hour) / mean);
  }
}

// What comes of one model, its errors by week beside.
struct Played {
  ModelScore score;
  std::vector<WeekSums> weeks;
};

class Scoring {
 public:
  Scoring(const ScoreAsk& ask, const Progressed& progressed)
      : ask_(ask), progressed_(progressed), issues_(issues_of(ask)) {
    begin_ = on_the_hour(ask.past, slot_of(ask.past, ask.begin));
    for (const Duration job : ask.jobs) starts_.push_back(starts_of(ask, job));
    double sum = 0;
    double count = 0;
    for (std::size_t i = begin_; i < issues_.end; ++i) {
      if (!forecast::is_known(ask.past.values[i])) continue;
      sum += as_grams_per_kwh(ask.past.values[i]);
      ++count;
    }
    mean_ = sum / count;
  }

  [[nodiscard]] double mean() const { return mean_; }

  // Is the forecast of this slot one whose errors are looked at?
  [[nodiscard]] bool counts(std::size_t slot) const {
    const std::size_t apart = kIssuesApart * slots_of_hour(ask_.past.step);
    return slot >= begin_ && (slot - begin_) % apart == 0;
  }

  Played play_model(const ForecasterKind& kind) const {
    Played out;
    out.score.name = kind.name;
    out.score.title = kind.title;
    out.score.baseline = kind.baseline;
    ErrorSums errors(ask_.past, ask_.level);
    const Issued issued(issues_, kind, [&](std::size_t slot, const forecast::Forecast& said) {
      if (counts(slot)) errors.add(slot, said);
    });
    out.weeks = errors.weeks();
    add_errors(out.weeks, mean_, out.score);
    if (progressed_) progressed_();
    for (const JobStarts& starts : starts_) {
      auto jobs = play(ask_, starts, issued);
      out.score.jobs.insert(out.score.jobs.end(), jobs.begin(), jobs.end());
      if (progressed_) progressed_();
    }
    return out;
  }

  void play_climatology(Score& score) const {
    ErrorSums errors(ask_.past, ask_.level);
    for (std::size_t slot = begin_; slot < issues_.end; ++slot) {
      if (!counts(slot)) continue;
      errors.add(slot, climatology(ask_.past.first(slot), issues_.ahead, ask_.level));
    }
    score.forecasts = errors.forecasts();
    score.climatology_pinball = pinball_of(errors.weeks(), mean_);
  }

 private:
  const ScoreAsk& ask_;
  const Progressed& progressed_;
  IssueAsk issues_;
  std::size_t begin_ = 0;
  double mean_ = 0;
  std::vector<JobStarts> starts_;
};

// Both by week, one behind the other.
std::vector<WeekSums> side_by_side(std::vector<WeekSums> a, const std::vector<WeekSums>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i].insert(a[i].end(), b[i].begin(), b[i].end());
  return a;
}

void compare_with_best(std::vector<Played>& all, Score& score) {
  const Played* best = nullptr;
  for (const Played& each : all) {
    if (!each.score.baseline || std::isnan(each.score.mae.value)) continue;
    if (best == nullptr || each.score.mae.value < best->score.mae.value) best = &each;
  }
  if (best == nullptr) return;
  score.best_baseline = best->score.name;
  for (Played& each : all) {
    if (each.weeks.size() != best->weeks.size()) continue;
    each.score.against_baseline = over_weeks(side_by_side(each.weeks, best->weeks), [](auto sums) {
      return mae_of(sums) / mae_of(sums, kErrorSums) - 1;
    });
  }
}

}  // namespace

std::size_t steps_of(const ScoreAsk& ask, std::size_t models) {
  return models * (1 + ask.jobs.size());
}

Result<Score> score(const ScoreAsk& ask, std::span<const ForecasterKind* const> kinds,
                    const RunPieces& run, const Progressed& progressed) {
  if (ask.end - ask.begin < kLeast || ask.past.end() < ask.end) {
    return fail(ErrorKind::absent, "the span to score is shorter than 14 days, or not known whole");
  }
  if (ask.begin - ask.past.begin < kFewestGateDays + kLeast) {
    return fail(ErrorKind::absent, "less than 78 days are known before the span to score");
  }
  const Scoring scoring(ask, progressed);
  std::vector<Played> all(kinds.size());
  // The last ones take longest.
  run(kinds.size(), [&](std::size_t i) {
    const std::size_t from_behind = kinds.size() - 1 - i;
    all[from_behind] = scoring.play_model(*kinds[from_behind]);
  });
  Score out;
  out.mean = scoring.mean();
  scoring.play_climatology(out);
  compare_with_best(all, out);
  for (Played& each : all) out.models.push_back(std::move(each.score));
  return out;
}

}  // namespace lowtide::study
