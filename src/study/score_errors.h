// The errors of a model's forecasts, week by week. For study/score alone.
//
// Each fifth forecast is looked at, so that all hours of the day come up. Sums are over the slots
// to come that are known, by the week (UTC) in which the forecast was issued.
#pragma once

#include <map>
#include <vector>

#include "forecast/bands.h"
#include "study/bootstrap.h"
#include "study/score.h"

namespace lowtide::study {

inline constexpr std::size_t kHoursAhead = 48;
inline constexpr std::size_t kIssuesApart = 5;

// Places in a week's sums.
inline constexpr std::size_t kAbs = 0;                        // |error|, by hour ahead
inline constexpr std::size_t kCount = kAbs + kHoursAhead;     // slots behind it, by hour ahead
inline constexpr std::size_t kInside = kCount + kHoursAhead;  // slots within the band
inline constexpr std::size_t kBanded = kInside + 1;           // slots with a band
inline constexpr std::size_t kPinball = kBanded + 1;          // of these
inline constexpr std::size_t kRank = kPinball + 1;            // rank correlations
inline constexpr std::size_t kRanked = kRank + 1;
inline constexpr std::size_t kErrorSums = kRanked + 1;

class ErrorSums {
 public:
  ErrorSums(const forecast::Past& past, double level) : past_(past), level_(level) {}
  // Of a forecast whose first slot is `slot`.
  void add(std::size_t slot, const forecast::Forecast& said);
  [[nodiscard]] std::vector<WeekSums> weeks() const;
  [[nodiscard]] std::size_t forecasts() const { return forecasts_; }

 private:
  WeekSums& week_of(std::size_t slot);
  void add_slot(std::size_t lead, double was, const forecast::Forecast& said, WeekSums& sums) const;
  void add_rank(std::size_t slot, const forecast::Forecast& said, WeekSums& sums) const;

  forecast::Past past_;
  double level_;
  std::size_t forecasts_ = 0;
  std::map<std::int64_t, WeekSums> weeks_;
};

// The 10 %, 50 % and 90 % quantiles (by `level`) of the last 28 known days at the same time of day,
// as a forecast: what knows nothing but the season.
[[nodiscard]] forecast::Forecast climatology(const forecast::Past& past, std::size_t slots,
                                             double level);

}  // namespace lowtide::study
