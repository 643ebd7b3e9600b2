// The bound of the kept series: which months were read when, and the end of those that were not.
#include <array>

#include "grid/kept_tables.h"

namespace lowtide::grid {
namespace {

using host::Database;
using host::Statement;
using host::Transaction;

std::int64_t first_of(std::chrono::year_month month) {
  return whole_s(Utc(std::chrono::sys_days(month / std::chrono::day(1))));
}

std::chrono::year_month year_month_of(std::int64_t s) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(utc_of_s(s)));
  return day.year() / day.month();
}

Result<std::int64_t> bytes_of(Database& database) {
  return integer_of(database,
                    "SELECT (page_count-freelist_count)*page_size FROM pragma_page_count,"
                    "pragma_freelist_count,pragma_page_size");
}

struct Month {
  std::int64_t series = 0;  // 0: there is none left
  std::int64_t stream = 0;
  std::int64_t begin_s = 0;
};

Result<Month> least_used(Database& database) {
  Month month;
  const auto done = each_row(
      database,
      "SELECT series,stream,begin_s FROM month JOIN series ON series.key=month.series"
      " ORDER BY used_s,begin_s,series LIMIT 1",
      [&](const Statement& row) { month = {row.integer(0), row.integer(1), row.integer(2)}; });
  if (!done) return tl::unexpected(done.error());
  return month;
}

// Values, issues and that it was asked: it is as if nobody had ever asked for the month.
Result<void> forget(Database& database, const Month& month) {
  const std::int64_t end_s = next_month(month.begin_s);
  constexpr std::array<std::string_view, 4> kStatements = {
      "DELETE FROM value WHERE series=? AND begin_s>=? AND begin_s<?",
      "DELETE FROM forecast WHERE issue IN"
      " (SELECT key FROM issue WHERE series=? AND issued_s>=? AND issued_s<?)",
      "DELETE FROM issue WHERE series=? AND issued_s>=? AND issued_s<?",
      "DELETE FROM month WHERE series=? AND begin_s>=? AND begin_s<?"};
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  for (const std::string_view statement : kStatements) {
    auto done = database.run(statement, month.series, month.begin_s, end_s);
    if (!done) return done;
  }
  auto done = forget_asked(database, month.stream, {utc_of_s(month.begin_s), utc_of_s(end_s)});
  if (!done) return done;
  return transaction->commit();
}

// The size without kept answers: they only save a provider the sending.
Result<std::int64_t> without_answers(Database& database) {
  if (auto done = database.run("DELETE FROM answer"); !done) return tl::unexpected(done.error());
  return bytes_of(database);
}

// What is left once months went, the least used first, until it is at most `bytes`.
Result<std::int64_t> forget_down_to(Database& database, std::int64_t bytes) {
  auto now = without_answers(database);
  while (now && *now > bytes) {
    const auto month = least_used(database);
    if (!month) return tl::unexpected(month.error());
    if (month->series == 0) break;
    if (auto done = forget(database, *month); !done) return tl::unexpected(done.error());
    now = bytes_of(database);
  }
  return now;
}

Result<std::int64_t> shrink_to(Database& database, std::int64_t bytes) {
  const auto before = bytes_of(database);
  if (!before) return before;
  const auto now = *before > bytes ? forget_down_to(database, bytes) : before;
  if (!now) return now;
  const auto freed = database.integer("PRAGMA freelist_count");
  if (!freed) return freed;
  if (*freed == 0) return 0;
  auto done = database.execute("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)");
  if (!done) return tl::unexpected(done.error());
  return *before - *now;
}

}  // namespace

std::int64_t month_of(std::int64_t s) { return first_of(year_month_of(s)); }
std::int64_t next_month(std::int64_t month_s) {
  return first_of(year_month_of(month_s) + std::chrono::months(1));
}

void KeptSeries::mark_read(std::int64_t series, Interval over) {
  const std::int64_t today =
      whole_s(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  const std::int64_t from = month_of(whole_s(over.begin));
  const auto stale = integer_of(
      database_,
      "SELECT EXISTS(SELECT 1 FROM month WHERE series=? AND begin_s>=? AND begin_s<? AND used_s<?)",
      series, from, whole_s(over.end), today);
  if (!stale || *stale == 0) return;
  database_.wait_for_locks(Duration::zero());
  // What cannot be noted now is noted by who reads next.
  static_cast<void>(database_.run(
      "UPDATE month SET used_s=?4 WHERE series=?1 AND begin_s>=?2 AND begin_s<?3 AND used_s<?4",
      series, from, whole_s(over.end), today));
  database_.wait_for_locks(patience_);
}

Result<std::int64_t> KeptSeries::shrink(std::int64_t bytes) {
  return told(shrink_to(database_, bytes));
}

}  // namespace lowtide::grid
