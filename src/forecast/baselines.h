// Models without coefficients: the last value, yesterday, a week ago, the mean of 7 days by time of
// day. What a better model must beat.
#pragma once

#include <memory>

#include "forecast/forecaster.h"

namespace lowtide::forecast {

[[nodiscard]] std::unique_ptr<Forecaster> make_persistence();
[[nodiscard]] std::unique_ptr<Forecaster> make_yesterday();
[[nodiscard]] std::unique_ptr<Forecaster> make_last_week();
[[nodiscard]] std::unique_ptr<Forecaster> make_mean_of_7_days();

}  // namespace lowtide::forecast
