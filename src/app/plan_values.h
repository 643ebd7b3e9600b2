// The values of `lowtide plan`'s own flags, read and checked; app/values.h has those of all
// commands. Each Error is of kind usage and says what is allowed; the caller adds the flag.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"

namespace lowtide::app {

// A plan looks so far ahead at most: its memory grows with the window.
inline constexpr Duration kLongestWindow = std::chrono::days(366);

// The error of a flag's value, with the flag.
[[nodiscard]] Error in_flag(Error error, const std::string& flag);

// 24h, or a part or multiple of `length`: 25%, 2x.
// A time with its offset, or by the local clock. Errors: parse_utc()'s.
[[nodiscard]] Result<Utc> parse_moment(const std::string& text);
[[nodiscard]] Result<Duration> parse_window(const std::string& text, Duration length);
// Not longer than kLongestWindow.
[[nodiscard]] Result<Duration> parse_length(const std::string& text);
[[nodiscard]] Result<Power> parse_power(const std::string& text);  // 300, 300W, 2.4kW
// 0.2kWh, or so many minutes of the job's mean power: 5m.
[[nodiscard]] Result<Energy> parse_energy(const std::string& text, Power mean);
// Whether that is what it says: no energy of its own.
[[nodiscard]] bool is_of_mean(const std::string& energy);
[[nodiscard]] Result<Carbon> parse_grams_per_hour(const std::string& text);  // 4.7, 4.7g/h

struct Price {
  double per_hour = 0;
  std::string currency;  // the sign before the number; may be empty
};
[[nodiscard]] Result<Price> parse_price(const std::string& text);  // 2.5/h, $2.5/h

// Minutes of the local day in which nothing may run: [begin, end), over midnight where end is not
// after begin.
struct DayHours {
  int begin = 0;
  int end = 0;
  [[nodiscard]] bool meets(int from, int to) const;  // [from, to) of one day
};
[[nodiscard]] Result<DayHours> parse_hours(const std::string& text);  // 22:00-06:00

// As parse_duration() reads it: "38h", "1h30m".
[[nodiscard]] std::string spell_duration(Duration length);

}  // namespace lowtide::app
