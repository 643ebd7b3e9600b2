// The past by day: what every model looks at. For the models of this folder alone.
//
// Slots are counted from the past's first; those from size() on are to come. Values are g/kWh as
// bare numbers, NaN where not known. A mean needs half of its values, else it is not known.
#pragma once

#include <cstddef>

#include "forecast/history.h"

namespace lowtide::forecast {

class Days {
 public:
  explicit Days(const Past& past)
      : past_(past),
        per_day_(past.per_day()),
        epoch_(static_cast<std::size_t>(past.begin.time_since_epoch() / past.step)) {}

  [[nodiscard]] std::size_t size() const { return past_.size(); }
  [[nodiscard]] std::size_t per_day() const { return per_day_; }
  [[nodiscard]] std::size_t of_day(std::size_t slot) const { return (epoch_ + slot) % per_day_; }
  [[nodiscard]] std::size_t of_week(std::size_t slot) const {
    return (epoch_ + slot) / per_day_ % 7;
  }

  // NaN before the first slot too (`back` slots before `slot`).
  [[nodiscard]] double value(std::size_t slot, std::size_t back = 0) const;
  // How many slots before `slot` the newest known time is that is a multiple of `period` earlier.
  [[nodiscard]] std::size_t back_to_known(std::size_t slot, std::size_t period) const;
  // Of the same time of day on `days` days: `slot` less `back`, and the days before it.
  [[nodiscard]] double mean_of_days(std::size_t slot, std::size_t back, std::size_t days) const;
  // A known slot against the same time on the 7 days before it.
  [[nodiscard]] double deviation(std::size_t slot) const;

 private:
  Past past_;
  std::size_t per_day_;
  std::size_t epoch_;  // slots from the epoch to the first
};

}  // namespace lowtide::forecast
