// A model of the intensity to come, and the list of those there are.
//
// `fit` learns from a past, `say` and `predict` say what follows one: lead 0 is the slot that
// begins at its end. Both see a Past and so nothing that came later; the same past gives the same
// bits. Where a model has nothing to go by, the value is kUnknown: a gap. One thread a model;
// saying changes nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "forecast/history.h"

namespace lowtide::forecast {

// A model is fitted for so far ahead; further ahead it goes on with its last coefficients.
inline constexpr Duration kFittedAhead = std::chrono::hours(48);

class Forecaster {
 public:
  virtual ~Forecaster() = default;
  virtual void fit(const Past& past) = 0;
  // Of the slots so far ahead; the first to come is 0.
  [[nodiscard]] virtual std::vector<Intensity> say(const Past& past,
                                                   std::span<const std::size_t> leads) const = 0;
  // Of the next `slots`.
  [[nodiscard]] std::vector<Intensity> predict(const Past& past, std::size_t slots) const;
};

struct ForecasterKind {
  std::string_view name;
  std::string_view title;
  bool baseline;  // what a model must be better than
  std::unique_ptr<Forecaster> (*make)();
};

[[nodiscard]] std::span<const ForecasterKind> forecaster_kinds();
// Nothing: there is none of that name.
[[nodiscard]] const ForecasterKind* find_forecaster(std::string_view name);
// What is taken when nobody says.
inline constexpr std::string_view kUsualForecaster = "blend";

}  // namespace lowtide::forecast
