// Jobs planned each hour on a model's forecasts against the oracle. For study/score alone.
#pragma once

#include <vector>

#include "study/issued.h"
#include "study/replan.h"
#include "study/score.h"

namespace lowtide::study {

// Forecasts are issued for so long before the scored span, so that the gate has past errors to go
// by: 120 whole windows where as much is known, and half of them at least.
inline constexpr Duration kGateDays = std::chrono::days(124);
inline constexpr Duration kFewestGateDays = std::chrono::days(64);

// One kind of job: where it starts and what the best plans would have cost.
struct JobStarts {
  ReplanJob job;
  Duration length{};
  std::vector<std::size_t> starts;  // slots; the window of each is known whole
  std::vector<Carbon> now;
  std::vector<Carbon> flexible_start;  // by the oracle
  std::vector<Carbon> exact;
};
[[nodiscard]] JobStarts starts_of(const ScoreAsk& ask, Duration length);

// Both policies, without and with the gate.
[[nodiscard]] std::vector<JobScore> play(const ScoreAsk& ask, const JobStarts& starts,
                                         const Issued& issued);

}  // namespace lowtide::study
