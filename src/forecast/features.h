// What the fitted models look at, for one slot to come. For the models of this folder alone.
//
// Everything is told as a deviation from the mean of 7 days at the slot's own time of day, so that
// nothing but 0 is forecast of what nothing is known of. All in g/kWh but harmonics and weekdays.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "forecast/days.h"

namespace lowtide::forecast {

inline constexpr std::size_t kHoursBack = 24;

// Sine and cosine of each time of day, of its double and triple.
class Waves {
 public:
  explicit Waves(std::size_t per_day);
  [[nodiscard]] const std::array<double, 6>& at(std::size_t of_day) const { return all_[of_day]; }

 private:
  std::vector<std::array<double, 6>> all_;
};

// What is the same for all slots to come; NaN where not known.
struct Recent {
  double last;                             // deviation of the newest slot
  std::array<double, kHoursBack> by_hour;  // mean deviation of each hour, the newest first
  double of_6_hours;                       // means of these
  double of_12_hours;
  double of_24_hours;
  double level;   // mean intensity of 28 days, by the newest slot of each hour
  double today;   // of the last 24 hours, less the level
  double before;  // of the 24 hours before them, less the level
};
[[nodiscard]] Recent recent_of(const Days& days);

inline constexpr std::size_t kColumns = 43;
struct Features {
  double usual;                      // the mean of 7 days at this time of day; NaN: not known
  std::array<double, kColumns> row;  // the first is 1; NaN where not known
  [[nodiscard]] bool complete() const;
};
// `slot` counts from the past's first slot and is one to come.
[[nodiscard]] Features features_of(const Days& days, const Waves& waves, const Recent& recent,
                                   std::size_t slot);

}  // namespace lowtide::forecast
