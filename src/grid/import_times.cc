#include "grid/import_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/quote.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr double kHoursOfYears = 10.0 * 366 * 24;  // that a count of hours may reach
constexpr const char* kTzHint =
    "give --tz UTC, or the offset of local standard time such as --tz +01:00";

// Within them no difference and no sum of times overflows.
const Utc kFirst = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
const Utc kLast = std::chrono::sys_days(std::chrono::year(2100) / 1 / 1);

// Z, +hh:mm or -hh:mm behind a time that parses; the dashes of a date stand before the ninth place.
std::size_t offset_at(std::string_view time) {
  constexpr std::size_t kDate = 8;
  return time.find_first_of("Zz+-", kDate);
}

struct Parts {
  int first = 0;
  int second = 0;
  int year = 0;
  std::string_view rest;  // behind the date
};

std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  const std::string_view head = text.substr(0, digits);
  int value = 0;
  const auto [stop, code] = std::from_chars(head.data(), head.data() + head.size(), value);
  if (code != std::errc() || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - head.data()));
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

// One or two digits, a separator, one or two digits, the same separator, four digits.
std::optional<Parts> parts_of(std::string_view stamp) {
  const auto first = take_number(stamp, 2);
  if (!first || stamp.empty()) return std::nullopt;
  const char between = stamp.front();
  if (std::string_view("/.-").find(between) == std::string_view::npos) return std::nullopt;
  stamp.remove_prefix(1);
  const auto second = take_number(stamp, 2);
  if (!second || !take(stamp, between)) return std::nullopt;
  const std::size_t before = stamp.size();
  const auto year = take_number(stamp, 4);
  if (!year || before - stamp.size() != 4) return std::nullopt;
  return Parts{*first, *second, *year, stamp};
}

// As ISO 8601: the clock's hour may have one digit.
void write_iso(std::string& out, const Parts& parts, DateOrder order) {
  const bool day_first = order == DateOrder::day_first;
  out.clear();
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", parts.year,
                 day_first ? parts.second : parts.first, day_first ? parts.first : parts.second);
  std::string_view clock = trim(parts.rest);
  if (clock.starts_with('T')) clock.remove_prefix(1);
  if (clock.empty()) return;
  out += clock.find(':') == 1 ? " 0" : " ";
  out += clock;
}

Duration offset_of(std::string_view text) {
  std::string whole = "2000-01-01T00:00";
  whole += text;
  const auto utc = parse_utc(whole);
  return utc ? Utc(std::chrono::sys_days(std::chrono::year(2000) / 1 / 1)) - *utc : Duration{};
}

}  // namespace

Result<Duration> parse_offset(std::string_view text) {
  std::string_view rest = trim(text);
  if (rest == "UTC" || rest == "utc" || rest == "GMT") return Duration::zero();
  if (rest.starts_with("UTC") && rest.size() > 3) rest.remove_prefix(3);
  const bool form = !rest.empty() && std::string_view("Zz+-").find(rest.front()) != rest.npos;
  std::string whole = "2000-01-01T00:00";
  whole += rest;
  if (form && parse_utc(whole)) return offset_of(rest);
  return fail(ErrorKind::usage, in_quotes(text) + " is no offset from UTC", "--tz",
              "write it as UTC or +01:00; a zone with summer time has no one offset");
}

Result<Duration> parse_shift(std::string_view text) {
  std::string_view rest = trim(text);
  const bool back = rest.starts_with('-');
  if (back || rest.starts_with('+')) rest.remove_prefix(1);
  const auto length = parse_duration(rest);
  if (length) return back ? -*length : *length;
  return fail(ErrorKind::usage, in_quotes(text) + " is no shift", "--shift",
              "write it as -1h or +30m");
}

std::string offset_text(Duration offset) {
  if (offset == Duration::zero()) return "UTC";
  const auto all =
      std::chrono::duration_cast<minutes>(offset < Duration::zero() ? -offset : offset);
  return fmt::format("UTC{}{:02}:{:02}", offset < Duration::zero() ? '-' : '+', all.count() / 60,
                     all.count() % 60);
}

bool has_two_orders(std::string_view stamp) { return parts_of(stamp).has_value(); }

std::optional<DateOrder> proven_order(std::string_view stamp) {
  constexpr int kMonths = 12;
  const auto parts = parts_of(stamp);
  if (!parts) return std::nullopt;
  if (parts->first > kMonths && parts->second <= kMonths) return DateOrder::day_first;
  if (parts->second > kMonths && parts->first <= kMonths) return DateOrder::month_first;
  return std::nullopt;
}

Result<ImportTimes> ImportTimes::from(TimeRule rule, const TimeWish& wish) {
  ImportTimes times;
  times.rule_ = rule;
  times.wish_ = wish;
  if (rule != TimeRule::hours && rule != TimeRule::none) return times;
  if (wish.begin.empty()) {
    return fail(ErrorKind::usage, "the rows have no date", "--begin",
                "give the time of the first row: --begin 2020-01-01 --tz +01:00");
  }
  if (rule == TimeRule::none && !wish.step) {
    return fail(ErrorKind::usage, "the rows have no time", "--step",
                "say for how long a row holds: --step 1h");
  }
  const auto begin = parse_utc(wish.begin);
  if (!begin) return fail(ErrorKind::usage, begin.error().message, "--begin", begin.error().hint);
  times.begin_ = *begin;
  times.begin_says_ = offset_at(wish.begin) != std::string::npos;
  if (times.begin_says_) return times;
  if (!wish.offset) {
    return fail(ErrorKind::usage, in_quotes(wish.begin) + " says no zone of time", "--begin",
                kTzHint);
  }
  times.begin_ -= *wish.offset;
  return times;
}

Result<Utc> ImportTimes::read(std::string_view field) {
  auto time = rule_ == TimeRule::hours || rule_ == TimeRule::none ? counted(field) : stamp(field);
  ++row_;
  if (!time) return time;
  *time += wish_.shift;
  if (*time < kFirst || *time >= kLast) {
    return fail(ErrorKind::malformed, in_quotes(field) + " is not in 1970 to 2099");
  }
  if (time->time_since_epoch() % std::chrono::seconds(1) != Duration::zero()) {
    return fail(ErrorKind::malformed, in_quotes(field) + " is finer than a second", {},
                "round the times to whole seconds");
  }
  return time;
}

Result<Utc> ImportTimes::counted(std::string_view field) const {
  if (rule_ == TimeRule::none) return begin_ + row_ * *wish_.step;
  const auto count = read_number(field);
  if (!count || *count < 0 || *count > kHoursOfYears || *count != std::floor(*count)) {
    return fail(ErrorKind::malformed, in_quotes(field) + " is no count of hours");
  }
  return begin_ + hours(static_cast<int>(*count));
}

// The stamp as ISO 8601 has it, whichever way it is written.
Result<std::string_view> ImportTimes::put_right(std::string_view field) {
  constexpr std::size_t kYear = 4;
  if (const auto parts = parts_of(field)) {
    if (!wish_.dates) {
      return fail(ErrorKind::usage, in_quotes(field) + " may begin with the day or with the month",
                  {}, "no row of the file says which: give --dates day-first or month-first");
    }
    write_iso(iso_, *parts, *wish_.dates);
    return iso_;
  }
  if (field.size() <= kYear || field[kYear] != '/') return field;
  iso_ = field;
  std::replace(iso_.begin(), iso_.end(), '/', '-');
  return iso_;
}

Result<Utc> ImportTimes::stamp(std::string_view field) {
  const auto iso = put_right(field);
  if (!iso) return tl::unexpected(iso.error());
  const auto time = parse_utc(*iso);
  if (!time) {
    return fail(ErrorKind::malformed, in_quotes(field) + " is not a time", {}, time.error().hint);
  }
  const std::size_t at = offset_at(*iso);
  const bool says = at != std::string_view::npos;
  if (says ? naive_ > 0 : with_offset_ > 0) {
    return fail(ErrorKind::malformed,
                fmt::format("{} says {} offset, and rows before it say {}", in_quotes(field),
                            says ? "an" : "no", says ? "none" : "one"),
                {}, "write all times of the file in one way");
  }
  if (says) {
    note_offset(iso->substr(at));
    return time;
  }
  ++naive_;
  if (wish_.offset) return *time - *wish_.offset;
  if (rule_ == TimeRule::utc) return time;
  return fail(ErrorKind::usage, in_quotes(field) + " says no zone of time", {}, kTzHint);
}

void ImportTimes::note_offset(std::string_view text) {
  if (with_offset_++ > 0 && text == offset_written_) return;
  const Duration offset = offset_of(text);
  offsets_differ_ = offsets_differ_ || (with_offset_ > 1 && offset != last_offset_);
  last_offset_ = offset;
  offset_written_ = text;
}

std::string ImportTimes::zone_text() const {
  if (with_offset_ > 0) {
    return offsets_differ_ ? "as each time says, its offset changes"
                           : offset_text(last_offset_) + ", as each time says";
  }
  if (begin_says_) return "as --begin says";
  if (wish_.offset) return offset_text(*wish_.offset) + ", by --tz";
  return rule_ == TimeRule::utc ? "UTC, by the form" : "not known";
}

}  // namespace lowtide::grid
