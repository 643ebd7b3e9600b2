#include "forecast/days.h"

#include <cmath>
#include <limits>

namespace lowtide::forecast {

double Days::value(std::size_t slot, std::size_t back) const {
  if (back > slot || slot - back >= past_.size()) return std::numeric_limits<double>::quiet_NaN();
  return as_grams_per_kwh(past_.values[slot - back]);
}

std::size_t Days::back_to_known(std::size_t slot, std::size_t period) const {
  if (slot < past_.size()) return 0;
  return ((slot - past_.size()) / period + 1) * period;
}

double Days::mean_of_days(std::size_t slot, std::size_t back, std::size_t days) const {
  double sum = 0;
  std::size_t known = 0;
  for (std::size_t day = 0; day < days; ++day) {
    const double one = value(slot, back + day * per_day_);
    if (std::isnan(one)) continue;
    sum += one;
    ++known;
  }
  if (2 * known < days) return std::numeric_limits<double>::quiet_NaN();
  return sum / static_cast<double>(known);
}

double Days::deviation(std::size_t slot) const {
  return value(slot) - mean_of_days(slot, per_day_, 7);
}

}  // namespace lowtide::forecast
