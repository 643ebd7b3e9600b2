// The times of a file's rows in UTC, whatever the file writes.
//
// ISO 8601 with or without an offset, dates with the day or the month first (told by a row that can
// only be the one or the other, never by its look), hours of a year, rows without a time. A stamp
// that says its offset is taken by it; one that does not by --tz, or as UTC where the header or the
// form says so. Both in one file are an error. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "grid/import_forms.h"

namespace lowtide::grid {

enum class DateOrder { day_first, month_first };

// What a user says of the times: --tz, --begin, --step, --shift, --dates.
struct TimeWish {
  std::optional<Duration> offset;  // of stamps that say none: local time less UTC
  std::string begin;               // of rows that have no time, as it was written
  std::optional<Duration> step;
  Duration shift{};  // added to every time
  std::optional<DateOrder> dates;
};

// "UTC", "Z", "+01:00", "-05". Error usage.
[[nodiscard]] Result<Duration> parse_offset(std::string_view text);
// "-1h", "+30m", "15m". Error usage.
[[nodiscard]] Result<Duration> parse_shift(std::string_view text);
[[nodiscard]] std::string offset_text(Duration offset);  // "UTC", "UTC+01:00"

// 05/01/2022, 5.1.2022: the parts may be in either order.
[[nodiscard]] bool has_two_orders(std::string_view stamp);
// The order that the stamp alone proves; absent: both fit.
[[nodiscard]] std::optional<DateOrder> proven_order(std::string_view stamp);

class ImportTimes {
 public:
  // Error usage: something that only the user knows is not given.
  [[nodiscard]] static Result<ImportTimes> from(TimeRule rule, const TimeWish& wish);

  // The time of the next row, whose field it is (empty where rows have none). Errors without
  // `where`: malformed, or usage for what is to be asked.
  [[nodiscard]] Result<Utc> read(std::string_view field);

  // "UTC (said by the header)", for people; after the rows were read.
  [[nodiscard]] std::string zone_text() const;
  [[nodiscard]] std::int64_t without_offset() const { return naive_; }
  void set_dates(DateOrder order) { wish_.dates = order; }

 private:
  Result<std::string_view> put_right(std::string_view field);
  Result<Utc> stamp(std::string_view field);
  Result<Utc> counted(std::string_view field) const;
  void note_offset(std::string_view text);

  TimeRule rule_ = TimeRule::says;
  TimeWish wish_;
  Utc begin_;
  bool begin_says_ = false;  // its offset
  std::int64_t naive_ = 0;   // stamps without an offset
  std::int64_t with_offset_ = 0;
  Duration last_offset_{};
  std::string offset_written_;  // the last one, as it was written
  bool offsets_differ_ = false;
  std::int64_t row_ = 0;
  std::string iso_;  // room for a stamp that is put right
};

}  // namespace lowtide::grid
