#include "app/plan_values.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

#include "app/values.h"
#include "base/quote.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

constexpr int kDay = 24 * 60;  // minutes

tl::unexpected<Error> off(const std::string& text, const char* what, const char* hint) {
  return fail(ErrorKind::usage, in_quotes(text) + " " + what, {}, hint);
}

// A number of at least zero with one of these units behind it, in the first unit.
struct Unit {
  std::string_view name;
  double factor;
};
template <std::size_t N>
std::optional<double> number_with(const std::string& text, const std::array<Unit, N>& units) {
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    std::string digits = text.substr(0, text.size() - unit.name.size());
    while (digits.ends_with(' ')) digits.pop_back();
    const auto value = parse_number(digits);
    if (value && *value >= 0) return *value * unit.factor;
  }
  return std::nullopt;
}

std::optional<int> minute_of(std::string_view text) {
  const bool form = text.size() == 5 && text[2] == ':' &&
                    text.find_first_not_of("0123456789:") == std::string_view::npos;
  if (!form) return std::nullopt;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  const int sum = hour * 60 + minute;
  return minute < 60 && sum <= kDay ? std::optional(sum) : std::nullopt;
}

}  // namespace

Error in_flag(Error error, const std::string& flag) {
  error.kind = ErrorKind::usage;
  error.where = flag;
  return error;
}

Result<Utc> parse_moment(const std::string& text) {
  auto moment = parse_utc(text);
  const std::size_t clock = text.find_first_of("T ");
  const bool with_offset = clock != text.npos && text.find_first_of("Zz+-", clock) != text.npos;
  if (!moment || with_offset) return moment;
  return show::from_local(*moment);
}

Result<Duration> parse_window(const std::string& text, Duration length) {
  constexpr std::array<Unit, 2> kShares{{{"x", 1}, {"%", 0.01}}};
  if (const auto share = number_with(text, kShares)) {
    const double wanted = *share * as_seconds(length);
    if (wanted > as_seconds(kLongestWindow)) {
      return off(text, "is too long", "a plan looks 366 days ahead at most");
    }
    return std::chrono::round<std::chrono::milliseconds>(seconds(wanted));
  }
  auto window = parse_length(text);
  if (!window && window.error().hint.starts_with("write")) {
    window.error().hint = "write it as 90m, 24h, 2d, 25% or 2x";
  }
  return window;
}

Result<Duration> parse_length(const std::string& text) {
  auto length = parse_duration(text);
  if (!length) {
    length.error().kind = ErrorKind::usage;
    return length;
  }
  if (*length <= kLongestWindow) return length;
  return off(text, "is too long", "a plan looks 366 days ahead at most");
}

Result<Power> parse_power(const std::string& text) {
  constexpr std::array<Unit, 4> kWatts{{{"kW", 1e3}, {"MW", 1e6}, {"W", 1}, {"", 1}}};
  const auto value = number_with(text, kWatts);
  if (!value) return off(text, "is no power", "write it as 300W or 2.4kW, zero or more");
  return watts(*value);
}

Result<Energy> parse_energy(const std::string& text, Power mean) {
  constexpr std::array<Unit, 5> kJoules{
      {{"kWh", 3.6e6}, {"MWh", 3.6e9}, {"Wh", 3600}, {"kJ", 1e3}, {"J", 1}}};
  if (const auto value = number_with(text, kJoules)) return joules(*value);
  const auto time = parse_duration(text);
  if (time && *time <= kLongestWindow) return mean * *time;
  return off(text, "is no energy", "write 5m (of the job's mean power) or 0.2kWh");
}

bool is_of_mean(const std::string& energy) { return parse_duration(energy).has_value(); }

Result<Carbon> parse_grams_per_hour(const std::string& text) {
  constexpr std::array<Unit, 2> kGrams{{{"g/h", 1}, {"", 1}}};
  const auto value = number_with(text, kGrams);
  if (!value) return off(text, "is no carbon per hour", "write it as 4.7g/h, zero or more");
  return grams(*value);
}

Result<Price> parse_price(const std::string& text) {
  Price price;
  std::string rest = text;
  for (const std::string_view sign : {"$", "€", "£", "¥"}) {
    if (!rest.starts_with(sign)) continue;
    price.currency = sign;
    rest.erase(0, sign.size());
  }
  const auto value = number_with(rest, std::array<Unit, 1>{{{"/h", 1}}});
  if (!value) return off(text, "is no price", "write what an hour costs as 2.5/h or $2.5/h");
  price.per_hour = *value;
  return price;
}

bool DayHours::meets(int from, int to) const {
  if (begin < end) return from < end && to > begin;
  return from < end || to > begin;
}

Result<DayHours> parse_hours(const std::string& text) {
  const std::size_t dash = text.find('-');
  const auto begin = minute_of(std::string_view(text).substr(0, dash));
  const auto end =
      dash == text.npos ? std::nullopt : minute_of(std::string_view(text).substr(dash + 1));
  if (!begin || !end || *begin == *end || *begin == kDay) {
    return off(text, "are no hours of a day",
               "write them as 22:00-06:00, in local time; 00:00-24:00 is the whole day");
  }
  return DayHours{*begin, *end};
}

std::string spell_duration(Duration length) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(length).count();
  const auto hours = seconds / 3600;
  const auto minutes = seconds / 60 % 60;
  std::string text;
  if (hours > 0) text += fmt::format("{}h", hours);
  if (minutes > 0) text += fmt::format("{}m", minutes);
  if (seconds % 60 > 0 || text.empty()) text += fmt::format("{}s", seconds % 60);
  return text;
}

}  // namespace lowtide::app
