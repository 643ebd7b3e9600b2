#include "base/time.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "base/quote.h"

namespace lowtide {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

// Reads exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

// As take_digits, of two digits that say no more than `most`.
std::optional<int> take_up_to(std::string_view& text, int most) {
  const auto value = take_digits(text, 2);
  return value && *value <= most ? value : std::nullopt;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Utc> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  // Nanoseconds in 64 bits reach from 1678 to 2261.
  if (!date.ok() || *year < 1700 || *year > 2200) return std::nullopt;
  return Utc(std::chrono::sys_days(date));
}

// The digits after a decimal point, as nanoseconds; further digits are dropped.
std::optional<Duration> take_fraction(std::string_view& text) {
  std::int64_t nanos = 0;
  std::int64_t scale = 100'000'000;
  std::size_t count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    nanos += (text.front() - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return Duration(nanos);
}

// `:ss`, `:ss.f` or nothing.
std::optional<Duration> take_seconds(std::string_view& text) {
  if (!take(text, ':')) return Duration::zero();
  const auto second = take_up_to(text, 60);  // a leap second
  if (!second) return std::nullopt;
  const auto fraction = take(text, '.') ? take_fraction(text) : Duration::zero();
  if (!fraction) return std::nullopt;
  return std::chrono::seconds(*second) + *fraction;
}

std::optional<Duration> take_clock(std::string_view& text) {
  const auto hour = take_up_to(text, 24);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_up_to(text, 59);
  if (!minute) return std::nullopt;
  const auto second = take_seconds(text);
  if (!second) return std::nullopt;
  const Duration sum = hours(*hour) + minutes(*minute) + *second;
  // 24:00:00 is the end of the day; nothing comes after it.
  if (*hour == 24 && sum > hours(24)) return std::nullopt;
  return sum;
}

std::optional<int> take_sign(std::string_view& text) {
  if (take(text, '+')) return 1;
  if (take(text, '-')) return -1;
  return std::nullopt;
}

// `Z`, `+hh:mm`, `+hhmm`, `+hh` or nothing; the offset to take off to get UTC.
std::optional<Duration> take_offset(std::string_view& text) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return Duration::zero();
  const auto sign = take_sign(text);
  if (!sign) return std::nullopt;
  const auto hour = take_up_to(text, 18);
  if (!hour) return std::nullopt;
  const bool more = take(text, ':') || !text.empty();
  const auto minute = more ? take_up_to(text, 59) : std::optional<int>(0);
  if (!minute) return std::nullopt;
  return *sign * Duration(hours(*hour) + minutes(*minute));
}

std::optional<Duration> unit_length(std::string_view unit) {
  if (unit == "ms") return milliseconds(1);
  if (unit == "s") return std::chrono::seconds(1);
  if (unit == "m" || unit == "min") return minutes(1);
  if (unit == "h") return hours(1);
  if (unit == "d") return days(1);
  return std::nullopt;
}

}  // namespace

std::vector<Interval> united(std::vector<Interval> parts) {
  std::sort(parts.begin(), parts.end());
  std::vector<Interval> out;
  for (const Interval& part : parts) {
    if (part.empty()) continue;
    if (!out.empty() && part.begin <= out.back().end) {
      out.back().end = std::max(out.back().end, part.end);
    } else {
      out.push_back(part);
    }
  }
  return out;
}

std::vector<Interval> rest_of(Interval whole, const std::vector<Interval>& parts) {
  std::vector<Interval> out;
  auto part = std::partition_point(parts.begin(), parts.end(), [&](const Interval& candidate) {
    return candidate.end <= whole.begin;
  });
  for (; part != parts.end() && part->begin < whole.end; ++part) {
    if (part->begin > whole.begin) out.push_back({whole.begin, part->begin});
    whole.begin = part->end;
  }
  if (!whole.empty()) out.push_back(whole);
  return out;
}

Duration length_within(Interval whole, const std::vector<Interval>& parts) {
  Duration sum{};
  for (const Interval& part : parts) sum += part.meet(whole).length();
  return sum;
}

std::string format_utc(Utc t) {
  const auto day = floor<days>(t);
  const std::chrono::year_month_day date{day};
  const auto ms = floor<milliseconds>(t - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

Result<Utc> parse_utc(std::string_view text) {
  std::string_view rest = text;
  const auto bad = [&] {
    return fail(ErrorKind::malformed, in_quotes(text) + " is not a time", {},
                "write it as 2026-01-05T00:00:00Z");
  };
  const auto date = take_date(rest);
  if (!date) return bad();
  if (rest.empty()) return *date;
  if (!take(rest, 'T') && !take(rest, ' ')) return bad();
  const auto clock = take_clock(rest);
  if (!clock) return bad();
  const auto offset = take_offset(rest);
  if (!offset || !rest.empty()) return bad();
  return *date + *clock - *offset;
}

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  Duration sum{};
  const auto bad = [&] {
    return fail(ErrorKind::malformed, in_quotes(text) + " is not a duration", {},
                "write it as 90s, 15m, 24h or 2d");
  };
  if (rest.empty()) return bad();
  while (!rest.empty()) {
    double number = 0;
    const auto [stop, code] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (code != std::errc() || !(number >= 0) || number > 1e9) return bad();
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
    const std::size_t letters = std::min(rest.find_first_of("0123456789."), rest.size());
    const auto unit = unit_length(rest.substr(0, letters));
    if (!unit) return bad();
    const double nanos = number * static_cast<double>(unit->count());
    if (nanos + static_cast<double>(sum.count()) > 9e18) {
      return fail(ErrorKind::malformed, in_quotes(text) + " is too long", {},
                  "285 years are the most");
    }
    sum += Duration(static_cast<std::int64_t>(nanos));
    rest.remove_prefix(letters);
  }
  return sum;
}

std::string format_duration(Duration d) {
  const auto total = std::chrono::round<std::chrono::seconds>(d).count();
  if (const auto ms = std::chrono::round<milliseconds>(d); ms < std::chrono::seconds(1)) {
    return fmt::format("{} ms", ms.count());
  }
  if (d < std::chrono::seconds(10)) return fmt::format("{:.1f} s", as_seconds(d));
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{} min {:02} s", total / 60, total % 60);
  if (total < 86400) return fmt::format("{} h {:02} min", total / 3600, total / 60 % 60);
  return fmt::format("{} d {} h", total / 86400, total / 3600 % 24);
}

}  // namespace lowtide
