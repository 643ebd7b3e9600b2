// What a forecast is worth: its errors, its band, and what a plan made on it keeps of the oracle's
// saving when it is made anew each hour. Pure.
//
// Figures are over the scored span; a job's window must end in it. Intervals are by drawing weeks
// (study/bootstrap.h). docs/forecast.md says how each is made.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "forecast/history.h"
#include "study/bootstrap.h"
#include "study/issued.h"

namespace lowtide::study {

enum class ReplanPolicy { flexible_start, exact };

struct ScoreAsk {
  forecast::Past past;  // all of it; what is before `begin` is learned from
  Utc begin;            // of the scored span
  Utc end;
  double level = 0.8;  // of the bands
  std::vector<Duration> jobs = {std::chrono::hours(1), std::chrono::hours(6),
                                std::chrono::hours(19), std::chrono::hours(36)};
  Duration slack = std::chrono::hours(24);
  Duration resume = std::chrono::minutes(15);  // of the job's power, a resume
  Duration between_starts = std::chrono::hours(7);
  // Quantile of the saving that must be above zero to shift. Chosen on 2023, so that at most 2 % of
  // starts come to cost more than starting at once.
  double gate = 0.04;
};

// A job by one policy, planned each hour on one model's forecasts.
struct JobScore {
  Duration job{};
  ReplanPolicy policy = ReplanPolicy::exact;
  bool gated = false;  // only shifts where the lower bound of the saving is above zero
  std::size_t starts = 0;
  double oracle = 0;  // the oracle's saving against now, ratio of sums
  Spread saving;      // the same of this model
  Spread kept;        // share of the oracle's saving
  double worse = 0;   // share of starts that are worse than starting at once
};

struct ModelScore {
  std::string name;
  std::string title;
  bool baseline = false;
  std::vector<double> mae_by_hour;  // MAE / mean at each hour ahead, the first is 0 to 1 h; 48
  Spread mae;                       // mean over these
  double rank = 0;                  // mean Spearman correlation over the 24 hours ahead
  Spread coverage;                  // of the band
  Spread pinball;                   // at the band's two ends and the point, / mean
  // Against the baseline of the least MAE: MAE less of it, as a share of it (below 0: better). NaN:
  // no baseline was scored.
  Spread against_baseline{std::nan(""), std::nan(""), std::nan("")};
  std::vector<JobScore> jobs;
};

struct Score {
  double mean = 0;  // g/kWh of the scored span
  std::size_t forecasts = 0;
  std::string best_baseline;
  Spread climatology_pinball;  // of the quantiles of the last 28 days at the same time of day
  std::vector<ModelScore> models;
};

// Runs its pieces, each once, in any order (host::spread).
using RunPieces = std::function<void(std::size_t pieces, const std::function<void(std::size_t)>&)>;
// Told each time one of steps_of() is done, from any thread.
using Progressed = std::function<void()>;
[[nodiscard]] std::size_t steps_of(const ScoreAsk& ask, std::size_t models);

// Errors: absent when too little is known before or within the span.
[[nodiscard]] Result<Score> score(const ScoreAsk& ask,
                                  std::span<const forecast::ForecasterKind* const> kinds,
                                  const RunPieces& run, const Progressed& progressed);

}  // namespace lowtide::study

template <>
struct lowtide::Spelling<lowtide::study::ReplanPolicy> {
  static constexpr auto table = std::to_array<std::pair<study::ReplanPolicy, std::string_view>>(
      {{study::ReplanPolicy::flexible_start, "flexible_start"},
       {study::ReplanPolicy::exact, "exact"}});
};
