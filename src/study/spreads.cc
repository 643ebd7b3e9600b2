#include "study/spreads.h"

#include <algorithm>
#include <cmath>

#include "plan/sweep.h"
#include "study/starts.h"

namespace lowtide::study {
namespace {

// Grams by start slot; NaN where there is no result.
std::vector<Carbon> costs_of(const Study& study, std::size_t job, std::size_t region) {
  return plan::baseline_for_all(study.regions[region].intensity, study.jobs[job].work);
}

bool is_result(Carbon value) { return !std::isnan(as_grams(value)); }

std::chrono::year_month month_of(Utc begin) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(begin)};
  return date.year() / date.month();
}

}  // namespace

JobSpread spread_of(const Study& study, std::size_t job) {
  std::vector<Carbon> all;
  for (std::size_t region = 0; region < study.regions.size(); ++region) {
    const std::vector<Carbon> costs = costs_of(study, job, region);
    for (std::size_t t = 0; t < costs.size(); ++t) {
      if (!is_result(costs[t]) || !study.rules.front().holds(study.at(region, t))) continue;
      all.push_back(costs[t]);
    }
  }
  JobSpread out{.job = job, .starts = all.size()};
  if (all.empty()) return out;
  Carbon sum;
  for (const Carbon value : all) sum += value;
  out.mean = sum / static_cast<double>(all.size());
  out.q1 = quantile(all, 0.25);
  out.median = quantile(all, 0.5);
  out.q3 = quantile(all, 0.75);
  const auto [min, max] = std::minmax_element(all.begin(), all.end());
  out.min = *min;
  out.max = *max;
  return out;
}

RegionMean mean_of(const StudyRegion& region) {
  RegionMean out;
  Intensity sum;
  for (const Intensity value : region.intensity) {
    if (!plan::is_known(value)) continue;
    ++out.known;
    sum += value;
    out.min = std::min(out.min.value_or(value), value);
    out.max = std::max(out.max.value_or(value), value);
  }
  if (out.known > 0) out.mean = sum / static_cast<double>(out.known);
  return out;
}

MonthLine months_of(const Study& study, std::size_t job, std::size_t region) {
  MonthLine out{job, region, {}};
  const std::vector<Carbon> costs = costs_of(study, job, region);
  std::vector<double> starts;
  for (std::size_t t = 0; t < study.regions[region].intensity.size(); ++t) {
    const Utc begin = study.at(region, t);
    const auto month = month_of(begin);
    if (out.months.empty() || out.months.back().first != month) {
      out.months.emplace_back(month, std::nullopt);
      starts.push_back(0);
    }
    if (t >= costs.size() || !is_result(costs[t]) || !study.rules.front().holds(begin)) continue;
    std::optional<Carbon>& sum = out.months.back().second;
    sum = sum.value_or(Carbon{}) + costs[t];
    ++starts.back();
  }
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (out.months[i].second) *out.months[i].second *= 1 / starts[i];
  }
  return out;
}

StartTable starts_by_hour(const Study& study, const StartTableAsk& ask) {
  StartTable out{ask.job, ask.region, ask.first, ask.every, {}};
  const std::vector<Carbon> costs = costs_of(study, ask.job, ask.region);
  const auto cost_at = [&](Utc begin) -> std::optional<Carbon> {
    const Duration since = begin - study.at(ask.region, 0);
    if (since < Duration{} || since % study.slot != Duration{}) return std::nullopt;
    const auto slot = static_cast<std::size_t>(since / study.slot);
    if (slot >= costs.size() || !is_result(costs[slot])) return std::nullopt;
    return costs[slot];
  };
  constexpr Duration kDay = std::chrono::days(1);
  for (std::size_t day = 0; day < ask.days; ++day) {
    const Utc midnight = ask.first + kDay * static_cast<std::int64_t>(day);
    std::vector<std::optional<Carbon>>& row = out.days.emplace_back();
    for (Duration of_day{}; of_day < kDay; of_day += ask.every) {
      row.push_back(cost_at(midnight + of_day));
    }
  }
  return out;
}

}  // namespace lowtide::study
