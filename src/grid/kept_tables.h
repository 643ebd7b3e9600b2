// What the parts of the kept series share: its tables' units and the rows of a statement. Only for
// kept_*.cc.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "grid/kept_series.h"
#include "host/sqlite.h"

namespace lowtide::grid {

using Seconds = std::chrono::sys_seconds;

inline std::int64_t whole_s(Utc t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}
inline std::int64_t whole_ms(Utc t) {
  return std::chrono::floor<std::chrono::milliseconds>(t).time_since_epoch().count();
}
inline Utc utc_of_s(std::int64_t s) { return Utc(std::chrono::seconds(s)); }
inline Utc utc_of_ms(std::int64_t ms) { return Utc(std::chrono::milliseconds(ms)); }

// The begin of the month of UTC, and of the one after.
std::int64_t month_of(std::int64_t s);
std::int64_t next_month(std::int64_t month_s);

// Calls `row` with each row of the kept statement `sql`, which it may not use itself.
template <typename Row, typename... Args>
Result<void> each_row(host::Database& database, std::string_view sql, Row row,
                      const Args&... args) {
  auto statement = database.kept(sql);
  if (!statement) return tl::unexpected(statement.error());
  (*statement)->bind(args...);
  while (true) {
    const auto more = (*statement)->step();
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
    row(**statement);
  }
}

// The first integer of the first row; 0 for none.
template <typename... Args>
Result<std::int64_t> integer_of(host::Database& database, std::string_view sql,
                                const Args&... args) {
  std::optional<std::int64_t> first;
  const auto done = each_row(
      database, sql,
      [&](const host::Statement& row) {
        if (!first) first = row.integer(0);
      },
      args...);
  if (!done) return tl::unexpected(done.error());
  return first.value_or(0);
}

// The row of `stream` (provider, zone, signal, scope); 0: there is none.
Result<std::int64_t> stream_of(host::Database& database, const SeriesKey& key);

// The points of a batch that have a value, within the transaction that is open.
Result<PutResult> put_batch(host::Database& database, const Batch& batch, Utc known);

// Takes the span out of what is marked as asked; of all models and kinds when they are absent.
Result<void> forget_asked(host::Database& database, std::int64_t stream, Interval span,
                          const std::optional<std::string>& model = std::nullopt,
                          std::optional<bool> forecasts = std::nullopt);

// The result; for a damaged file with what can be done about it.
template <typename T>
Result<T> told(Result<T> result) {
  if (!result && result.error().kind == ErrorKind::malformed && result.error().hint.empty()) {
    result.error().hint = "remove it: what it keeps can be fetched again";
  }
  return result;
}

}  // namespace lowtide::grid
