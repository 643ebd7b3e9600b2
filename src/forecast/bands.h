// A forecast with a band, from the errors that the model would have made (split conformal).
//
// The model is fitted to what was known kJudgedDays ago and asked at each moment since; its
// errors, by lead and by part of the day, are what the band is made of: at each slot the point plus
// two quantiles of the errors that it made so far ahead at that time of day. The point is that of
// the model fitted to all of the past. Where fewer than kFewestErrors are behind a slot there is no
// band. All of it is known at the past's end.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "forecast/forecaster.h"
#include "forecast/leads.h"

namespace lowtide::forecast {

inline constexpr std::size_t kJudgedDays = 90;
inline constexpr std::size_t kFewestErrors = 30;

struct Quantiles {
  Intensity low;
  Intensity high;
};

// What somebody said at a slot of a past, from it on; kUnknown: nothing.
struct Said {
  std::size_t at = 0;
  std::vector<Intensity> values;
};

// Errors (what came less what was said) by lead group and part of the day.
class PastErrors {
 public:
  // Of `model`, asked at each moment (leads.h) from `from` slots on.
  void collect(const Forecaster& model, const Past& past, std::size_t from);
  // Of what was said otherwise, by a provider: every slot of it that has come.
  void collect(const Past& past, std::span<const Said> said);
  // The errors behind a slot so many slots ahead that lies at that slot of the day.
  [[nodiscard]] std::size_t count(std::size_t lead, std::size_t of_day) const;
  // So that the share `level` of what comes lies between; needs an error at least.
  [[nodiscard]] Quantiles between(std::size_t lead, std::size_t of_day, double level) const;

 private:
  std::size_t begin(const Past& past);  // with empty cells; how many groups there are
  void sort();
  [[nodiscard]] const std::vector<double>& cell(std::size_t lead, std::size_t of_day) const;
  std::size_t per_part_ = 1;
  std::vector<std::size_t> group_;            // of each lead that is fitted for
  std::vector<std::vector<double>> by_cell_;  // sorted; of a group all parts of the day in a row
};

struct Forecast {
  Utc begin;  // of the first slot
  Duration step{};
  std::vector<Intensity> point;  // kUnknown: nothing to go by
  std::vector<Intensity> low;    // kUnknown: no band
  std::vector<Intensity> high;
  double level = 0;        // of the band
  std::size_t errors = 0;  // fewest past errors behind a slot's band; 0: there is no band
};

// `point` from the slot that follows `past` on, with the band of these errors.
[[nodiscard]] Forecast with_band(const Past& past, std::vector<Intensity> point,
                                 const PastErrors& errors, double level);

// A model with its errors: fitted once (a night), asked as often as wanted.
class Fitted {
 public:
  Fitted(const ForecasterKind& kind, const Past& past);
  // What follows `past`, which may be longer than the one it was fitted to.
  [[nodiscard]] Forecast predict(const Past& past, std::size_t slots, double level) const;
  [[nodiscard]] const Forecaster& model() const { return *model_; }

 private:
  std::unique_ptr<Forecaster> model_;
  PastErrors errors_;
};

}  // namespace lowtide::forecast
