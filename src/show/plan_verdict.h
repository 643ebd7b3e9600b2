// The verdict on a plan in one sentence, and the words that it shares with the rest of the text.
#pragma once

#include <string>

#include "show/plan_view.h"

namespace lowtide::show {

// A saving below this share is none: it is shown as "the same".
inline constexpr double kNothing = 5e-4;

// What a tonne may cost before holding a machine for it is called absurd: the highest of the three
// central estimates of what a tonne of CO2 emitted in 2020 does, $120, $190 and $340 by discount
// rate (US EPA, Report on the Social Cost of Greenhouse Gases, November 2023). A price without a
// sign, or in another currency, is held against the same figure: what is called absurd is off by
// far more than a rate of exchange between the large currencies.
inline constexpr double kDearestTonne = 340;

[[nodiscard]] std::string verdict_text(const PlanView& view);

// "1.72 kg".
[[nodiscard]] std::string carbon_brief(Carbon carbon);
// "28.4 % less", "5.8 % more", "the same".
[[nodiscard]] std::string less_text(double saving);
// "$48,000", "0.25".
[[nodiscard]] std::string money_text(double amount, const std::string& currency);
// A local time as short as the day of `from` allows: "21:40", "02:10 tomorrow", "2021-03-05 02:10".
[[nodiscard]] std::string moment_text(Utc t, Utc from);

}  // namespace lowtide::show
