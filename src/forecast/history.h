// What the intensity was, in regular slots: the input of every forecast.
//
// Slots are as long as the series' own step and aligned to the epoch (UTC); the step divides an
// hour. A slot that the series does not cover whole is kUnknown: a gap, which stays out of every
// sum. `Past` is what may be seen at a moment: a look at the slots that had ended by then and
// nothing else, so that no model can read what came later. Plain values, no threads.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "series/intensity_series.h"

namespace lowtide::forecast {

inline constexpr Intensity kUnknown =
    Intensity::from_base(std::numeric_limits<double>::quiet_NaN());
[[nodiscard]] inline bool is_known(Intensity value) { return !std::isnan(as_grams_per_kwh(value)); }

inline constexpr Duration kDay = std::chrono::days(1);

struct Past {
  Utc begin;
  Duration step{};
  std::span<const Intensity> values;

  [[nodiscard]] std::size_t size() const { return values.size(); }
  [[nodiscard]] Utc end() const { return begin + step * static_cast<std::int64_t>(size()); }
  [[nodiscard]] std::size_t per_day() const { return static_cast<std::size_t>(kDay / step); }
  // What was known when only so many slots had ended.
  [[nodiscard]] Past first(std::size_t slots) const { return {begin, step, values.first(slots)}; }
  // The newest of them.
  [[nodiscard]] Past last(std::size_t slots) const;
};

struct History {
  Utc begin;
  Duration step{};
  std::vector<Intensity> values;

  [[nodiscard]] Past all() const { return {begin, step, values}; }
};

// The step in which the series comes: its most frequent length of a piece, at most an hour, where
// that is a multiple of 5 minutes that divides an hour; else 5 minutes.
[[nodiscard]] Duration step_of(const IntensitySeries& series);

// Over the whole slots within `over`: time-weighted means. Errors: malformed when the step does not
// divide an hour; absent when there is no whole slot in it.
[[nodiscard]] Result<History> history_of(const IntensitySeries& series, Interval over,
                                         Duration step);

}  // namespace lowtide::forecast
