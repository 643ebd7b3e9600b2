// Models with coefficients of their own for each group of leads (leads.h), learned from the last
// year: the mean of 7 days plus a deviation that fades (`decay`), and plus all of features.h
// (`ridge`); and the blend of the two.
//
// A row is a moment of the past and a slot after it; one with anything unknown is left out. Where
// there are too few rows the ridge is the decay, and the decay the mean of 7 days. A forecast is
// never below zero.
#pragma once

#include <memory>

#include "forecast/forecaster.h"

namespace lowtide::forecast {

[[nodiscard]] std::unique_ptr<Forecaster> make_decay();
[[nodiscard]] std::unique_ptr<Forecaster> make_ridge();
// Of ridge and decay: the share of each by the errors that they made over the last 60 days, fitted
// to what was before.
[[nodiscard]] std::unique_ptr<Forecaster> make_blend();

}  // namespace lowtide::forecast
