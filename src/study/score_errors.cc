#include "study/score_errors.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "study/rank.h"

namespace lowtide::study {
namespace {

using forecast::Forecast;
using forecast::Past;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double pinball(double was, double said, double quantile) {
  const double off = was - said;
  return off >= 0 ? quantile * off : (quantile - 1) * off;
}

}  // namespace

WeekSums& ErrorSums::week_of(std::size_t slot) {
  const Duration since =
      past_.begin.time_since_epoch() + past_.step * static_cast<std::int64_t>(slot);
  WeekSums& sums = weeks_[since / std::chrono::days(7)];
  sums.resize(kErrorSums);
  return sums;
}

void ErrorSums::add_slot(std::size_t lead, double was, const Forecast& said, WeekSums& sums) const {
  const double point = as_grams_per_kwh(said.point[lead]);
  if (std::isnan(was) || std::isnan(point)) return;
  const std::size_t hour = lead / slots_of_hour(past_.step);
  sums[kAbs + hour] += std::abs(was - point);
  sums[kCount + hour] += 1;
  const double low = as_grams_per_kwh(said.low[lead]);
  const double high = as_grams_per_kwh(said.high[lead]);
  if (std::isnan(low)) return;
  sums[kInside] += was >= low && was <= high ? 1 : 0;
  sums[kBanded] += 1;
  sums[kPinball] += (pinball(was, low, (1 - level_) / 2) + pinball(was, point, 0.5) +
                     pinball(was, high, (1 + level_) / 2)) /
                    3;
}

void ErrorSums::add_rank(std::size_t slot, const Forecast& said, WeekSums& sums) const {
  std::vector<double> was;
  std::vector<double> is;
  for (std::size_t i = 0; i < past_.per_day() && slot + i < past_.size(); ++i) {
    const double value = as_grams_per_kwh(past_.values[slot + i]);
    const double point = as_grams_per_kwh(said.point[i]);
    if (std::isnan(value) || std::isnan(point)) continue;
    was.push_back(value);
    is.push_back(point);
  }
  if (was.size() < past_.per_day() / 2) return;
  const double rank = rank_correlation(was, is);
  if (std::isnan(rank)) return;
  sums[kRank] += rank;
  sums[kRanked] += 1;
}

void ErrorSums::add(std::size_t slot, const Forecast& said) {
  WeekSums& sums = week_of(slot);
  const std::size_t ahead = kHoursAhead * slots_of_hour(past_.step);
  for (std::size_t lead = 0; lead < ahead && slot + lead < past_.size(); ++lead) {
    add_slot(lead, as_grams_per_kwh(past_.values[slot + lead]), said, sums);
  }
  add_rank(slot, said, sums);
  ++forecasts_;
}

std::vector<WeekSums> ErrorSums::weeks() const {
  std::vector<WeekSums> out;
  out.reserve(weeks_.size());
  for (const auto& [week, sums] : weeks_) out.push_back(sums);
  return out;
}

Forecast climatology(const Past& past, std::size_t slots, double level) {
  constexpr std::size_t kDays = 28;
  Forecast out{past.end(), past.step, {}, {}, {}, level, kDays};
  const std::size_t day = past.per_day();
  for (std::size_t lead = 0; lead < slots; ++lead) {
    std::vector<double> same;
    for (std::size_t back = (lead / day + 1) * day; same.size() < kDays; back += day) {
      if (back > past.size() + lead) break;
      const Intensity value = past.values[past.size() + lead - back];
      if (forecast::is_known(value)) same.push_back(as_grams_per_kwh(value));
    }
    std::sort(same.begin(), same.end());
    const auto at = [&](double share) {
      if (same.empty()) return forecast::kUnknown;
      return grams_per_kwh(same[static_cast<std::size_t>(
          std::lround(share * static_cast<double>(same.size() - 1)))]);
    };
    out.low.push_back(at((1 - level) / 2));
    out.point.push_back(at(0.5));
    out.high.push_back(at((1 + level) / 2));
  }
  return out;
}

}  // namespace lowtide::study
