// How far a job's emissions spread over regions and starts: what the paper's Figures 1 and 2 and
// Table 3 show. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "study/study.h"

namespace lowtide::study {

// Over all regions and all starts of the first start rule that touch no gap. Each region's starts
// count as many as they are. Quartiles: linear between the two nearest.
struct JobSpread {
  std::size_t job = 0;
  std::size_t starts = 0;
  Carbon min{}, q1{}, median{}, mean{}, q3{}, max{};
};
[[nodiscard]] JobSpread spread_of(const Study& study, std::size_t job);

// The intensity of a region over the study's time.
struct RegionMean {
  std::size_t known = 0;                    // slots
  std::optional<Intensity> mean, min, max;  // of these; absent: there is none
};
[[nodiscard]] RegionMean mean_of(const StudyRegion& region);

// What one job emits in a region by the month (UTC) of its start, mean of the starts of the first
// rule; absent: no start.
struct MonthLine {
  std::size_t job = 0;
  std::size_t region = 0;
  std::vector<std::pair<std::chrono::year_month, std::optional<Carbon>>> months;
};
[[nodiscard]] MonthLine months_of(const Study& study, std::size_t job, std::size_t region);

// What one job emits by day and hour of its start, in the zone of time of the first rule: rows are
// days from `first`, columns each `every`. Absent: no result, or no slot begins then.
struct StartTable {
  std::size_t job = 0;
  std::size_t region = 0;
  Utc first;
  Duration every{};
  std::vector<std::vector<std::optional<Carbon>>> days;
};
struct StartTableAsk {
  std::size_t job = 0;
  std::size_t region = 0;
  Utc first;  // a midnight of the zone of time
  std::size_t days = 3;
  Duration every = std::chrono::hours(3);
};
[[nodiscard]] StartTable starts_by_hour(const Study& study, const StartTableAsk& ask);

}  // namespace lowtide::study
