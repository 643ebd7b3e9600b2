// Into the kept series: values with their revisions, forecasts by issue, and what was asked.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "grid/kept_insert.h"
#include "grid/kept_tables.h"

namespace lowtide::grid {
namespace {

using host::Database;
using host::Statement;
using host::Transaction;

// One value of a span, as a row of `value` has it. By rank: what counts before comes before.
struct Known {
  std::int64_t kind;
  std::int64_t known_ms;
  double value;
};

Result<std::int64_t> stream_for(Database& database, const SeriesKey& key) {
  const auto made =
      database.run("INSERT OR IGNORE INTO stream(provider,zone,signal,scope) VALUES(?,?,?,?)",
                   key.provider, key.zone, spell(key.signal), key.scope ? spell(*key.scope) : "");
  if (!made) return tl::unexpected(made.error());
  return stream_of(database, key);
}

Result<std::int64_t> series_for(Database& database, const Batch& batch) {
  const auto stream = stream_for(database, batch.key);
  if (!stream) return stream;
  std::int64_t longest = 0;
  for (const Point& point : batch.points) {
    longest = std::max(longest, whole_s(point.span.end) - whole_s(point.span.begin));
  }
  const auto made = database.run(
      "INSERT INTO series(stream,gas,model,longest_s) VALUES(?1,?2,?3,?4)"
      " ON CONFLICT DO UPDATE SET longest_s=?4 WHERE longest_s<?4",
      *stream, spell(batch.key.gas), batch.key.model, longest);
  if (!made) return tl::unexpected(made.error());
  return integer_of(database, "SELECT key FROM series WHERE stream=? AND gas=? AND model=?",
                    *stream, spell(batch.key.gas), batch.key.model);
}

// What was known of the span once all is said: the best kind, the newest of it. Rows are by kind,
// then time.
std::optional<double> counts(const std::vector<Known>& rows) {
  if (rows.empty()) return std::nullopt;
  const auto other = std::find_if(rows.begin(), rows.end(),
                                  [&](const Known& row) { return row.kind != rows.front().kind; });
  return std::prev(other)->value;
}

// What a batch did to one month.
struct Tally {
  std::int64_t values = 0;
  std::int64_t revisions = 0;
};

class Writer {
 public:
  Writer(Database& database, std::int64_t series, Utc known)
      : database_(database),
        series_(series),
        known_ms_(whole_ms(known)),
        new_values_(database, series, known_ms_) {}

  // That nothing is known from the first to the last of them: then nothing needs looking up.
  Result<void> expect(const std::vector<Point>& points) {
    const bool in_order = std::adjacent_find(points.begin(), points.end(), [](auto& a, auto& b) {
                            return a.span.begin >= b.span.begin;
                          }) == points.end();
    if (points.empty() || !in_order) return {};
    const auto some = integer_of(
        database_,
        "SELECT EXISTS(SELECT 1 FROM value WHERE series=? AND begin_s>=? AND begin_s<=?)", series_,
        whole_s(points.front().span.begin), whole_s(points.back().span.begin));
    if (!some) return tl::unexpected(some.error());
    all_new_ = *some == 0;
    return {};
  }

  Result<void> value(const Point& point) {
    const std::int64_t begin = whole_s(point.span.begin);
    const std::int64_t length = whole_s(point.span.end) - begin;
    const std::int64_t kind = point.kind == IntensityKind::history ? 0 : 1;
    const double value = as_grams_per_kwh(*point.value);
    if (all_new_) {
      ++tally_of(begin).values;
      ++result.added;
      return new_values_.add({begin, length, kind, value});
    }
    std::vector<Known> rows;
    auto read = each_row(
        database_,
        "SELECT kind,known_ms,g_per_kwh FROM value WHERE series=? AND begin_s=? AND length_s=?"
        " ORDER BY kind,known_ms",
        [&](const Statement& row) {
          rows.push_back({row.integer(0), row.integer(1), row.real(2)});
        },
        series_, begin, length);
    if (!read) return read;
    const bool first = rows.empty();
    const auto before = counts(rows);
    if (auto put = insert(rows, {kind, known_ms_, value}, begin, length); !put) return put;
    const auto after = counts(rows);
    Tally& tally = tally_of(begin);
    tally.values += first ? 1 : 0;
    tally.revisions += !first && before != after ? 1 : 0;
    ++(first ? result.added : before != after ? result.revised : result.equal);
    return {};
  }

  Result<void> forecast(std::int64_t issue, const Point& point) {
    const std::int64_t begin = whole_s(point.span.begin);
    const auto there = integer_of(
        database_, "SELECT count(*) FROM forecast WHERE issue=? AND begin_s=?", issue, begin);
    if (!there) return tl::unexpected(there.error());
    ++(*there > 0 ? result.equal : result.added);  // an issue does not change
    return database_.run("INSERT OR IGNORE INTO forecast VALUES(?,?,?,?)", issue, begin,
                         whole_s(point.span.end) - begin, as_grams_per_kwh(*point.value));
  }

  // The issue's row, which grows to what it now holds.
  Result<std::int64_t> issue(Utc issued, Interval over) {
    const std::int64_t issued_s = whole_s(issued);
    static_cast<void>(tallies_[month_of(issued_s)]);
    const auto made = database_.run(
        "INSERT INTO issue(series,issued_s,known_ms,begin_s,end_s) VALUES(?,?,?,?,?)"
        " ON CONFLICT DO UPDATE SET begin_s=min(begin_s,excluded.begin_s),"
        " end_s=max(end_s,excluded.end_s),known_ms=min(known_ms,excluded.known_ms)",
        series_, issued_s, known_ms_, whole_s(over.begin), whole_s(over.end));
    if (!made) return tl::unexpected(made.error());
    return integer_of(database_, "SELECT key FROM issue WHERE series=? AND issued_s=?", series_,
                      issued_s);
  }

  // Puts what waits; the months that were touched count as used today.
  Result<void> finish() {
    if (auto put = new_values_.finish(); !put) return put;
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    for (const auto& [month, tally] : tallies_) {
      const auto counted = database_.run(
          "INSERT INTO month VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET"
          " used_s=max(used_s,excluded.used_s),n_values=n_values+excluded.n_values,"
          " n_revisions=n_revisions+excluded.n_revisions",
          series_, month, whole_s(Utc(today)), tally.values, tally.revisions);
      if (!counted) return counted;
    }
    return {};
  }

  PutResult result;

 private:
  // Of its month: that of the value before, most of the time.
  Tally& tally_of(std::int64_t begin) {
    if (tally_ == nullptr || begin < month_ || begin >= next_month_) {
      month_ = month_of(begin);
      next_month_ = next_month(month_);
      tally_ = &tallies_[month_];
    }
    return *tally_;
  }

  // Puts `now` among the rows of its span, unless it says what was known then already.
  Result<void> insert(std::vector<Known>& rows, Known now, std::int64_t begin,
                      std::int64_t length) {
    const auto [from, to] =
        std::equal_range(rows.begin(), rows.end(), now,
                         [](const Known& a, const Known& b) { return a.kind < b.kind; });
    const auto later =
        std::find_if(from, to, [&](const Known& row) { return row.known_ms > now.known_ms; });
    const Known* before = later == from ? nullptr : &*std::prev(later);
    if (before != nullptr && before->value == now.value) return {};
    // Two values at one time: the one that came later counts.
    if (before != nullptr && before->known_ms == now.known_ms) ++now.known_ms;
    if (later != to && later->value == now.value) {
      const std::int64_t known_later = std::exchange(later->known_ms, now.known_ms);
      return database_.run(
          "UPDATE value SET known_ms=? WHERE series=? AND begin_s=? AND length_s=? AND kind=?"
          " AND known_ms=?",
          now.known_ms, series_, begin, length, now.kind, known_later);
    }
    rows.insert(later, now);
    return database_.run(kInsertValue, series_, begin, length, now.kind, now.known_ms, now.value);
  }

  Database& database_;
  std::int64_t series_;
  std::int64_t known_ms_;
  bool all_new_ = false;
  NewValues new_values_;
  std::map<std::int64_t, Tally> tallies_;
  Tally* tally_ = nullptr;  // of the month from month_ to next_month_
  std::int64_t month_ = 0;
  std::int64_t next_month_ = 0;
};

bool usable(const Point& point) {
  return point.value && std::isfinite(as_grams_per_kwh(*point.value)) &&
         whole_s(point.span.begin) < whole_s(point.span.end);
}

// A provider that does not say when it issued a forecast: when it was heard.
Result<void> put_issue(Writer& writer, const std::vector<Point>& ahead, Utc issued) {
  if (ahead.empty()) return {};
  const auto issue = writer.issue(issued, {ahead.front().span.begin, ahead.back().span.end});
  if (!issue) return tl::unexpected(issue.error());
  for (const Point& point : ahead) {
    if (auto put = writer.forecast(*issue, point); !put) return put;
  }
  return {};
}

}  // namespace

Result<PutResult> put_batch(Database& database, const Batch& batch, Utc known) {
  const auto series = series_for(database, batch);
  if (!series) return tl::unexpected(series.error());
  Writer writer(database, *series, known);
  if (auto looked = writer.expect(batch.points); !looked) return tl::unexpected(looked.error());
  std::vector<Point> ahead;
  for (const Point& point : batch.points) {
    if (!usable(point)) continue;
    if (point.kind == IntensityKind::forecast) {
      ahead.push_back(point);
    } else if (auto put = writer.value(point); !put) {
      return tl::unexpected(put.error());
    }
  }
  auto done = put_issue(writer, ahead, batch.issued.value_or(known));
  if (done) done = writer.finish();
  if (!done) return tl::unexpected(done.error());
  return writer.result;
}

namespace {

// What is marked as asked within `over`, and when.
Result<std::vector<std::pair<Interval, Utc>>> asked_within(Database& database, std::int64_t stream,
                                                           const AskedSpan& asked) {
  std::vector<std::pair<Interval, Utc>> found;
  const auto done = each_row(
      database,
      "SELECT begin_s,end_s,at_ms FROM asked WHERE stream=? AND model=? AND forecasts=?"
      " AND begin_s<? AND end_s>?",
      [&](const Statement& row) {
        found.emplace_back(Interval{utc_of_s(row.integer(0)), utc_of_s(row.integer(1))},
                           utc_of_ms(row.integer(2)));
      },
      stream, asked.key.model, asked.forecasts, whole_s(asked.over.end), whole_s(asked.over.begin));
  if (!done) return tl::unexpected(done.error());
  return found;
}

// Each moment is in one row: that of the newest asking.
Result<void> mark_asked(Database& database, const AskedSpan& asked, Utc known) {
  const auto stream = stream_for(database, asked.key);
  if (!stream) return tl::unexpected(stream.error());
  const auto there = asked_within(database, *stream, asked);
  if (!there) return tl::unexpected(there.error());
  std::vector<Interval> newer;
  for (const auto& [span, at] : *there) {
    if (at > known) newer.push_back(span);
  }
  const Interval whole{utc_of_s(whole_s(asked.over.begin)), utc_of_s(whole_s(asked.over.end))};
  for (const Interval& span : rest_of(whole, united(newer))) {
    auto done = forget_asked(database, *stream, span, asked.key.model, asked.forecasts);
    if (!done) return done;
    done = database.run("INSERT INTO asked VALUES(?,?,?,?,?,?)", *stream, asked.key.model,
                        asked.forecasts, whole_s(span.begin), whole_s(span.end), whole_ms(known));
    if (!done) return done;
  }
  return {};
}

Result<PutResult> put_all(Database& database, std::span<const Batch> batches,
                          const AskedSpan& asked, Utc known) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  PutResult sum;
  for (const Batch& batch : batches) {
    const auto put = put_batch(database, batch, known);
    if (!put) return put;
    sum.added += put->added;
    sum.revised += put->revised;
    sum.equal += put->equal;
  }
  if (!asked.over.empty()) {
    if (auto marked = mark_asked(database, asked, known); !marked) {
      return tl::unexpected(marked.error());
    }
  }
  if (auto done = transaction->commit(); !done) return tl::unexpected(done.error());
  return sum;
}

}  // namespace

Result<std::int64_t> stream_of(Database& database, const SeriesKey& key) {
  return integer_of(database,
                    "SELECT key FROM stream WHERE provider=? AND zone=? AND signal=? AND scope=?",
                    key.provider, key.zone, spell(key.signal), key.scope ? spell(*key.scope) : "");
}

Result<void> forget_asked(Database& database, std::int64_t stream, Interval span,
                          const std::optional<std::string>& model, std::optional<bool> forecasts) {
  constexpr std::string_view kWhere =
      " WHERE stream=?1 AND (?4 IS NULL OR model=?4) AND (?5 IS NULL OR forecasts=?5)";
  const std::array statements = {
      std::string("INSERT INTO asked SELECT stream,model,forecasts,?3,end_s,at_ms FROM asked")
          .append(kWhere)
          .append(" AND begin_s<?3 AND end_s>?3"),
      std::string("DELETE FROM asked").append(kWhere).append(" AND begin_s>=?2 AND begin_s<?3"),
      std::string("UPDATE asked SET end_s=?2")
          .append(kWhere)
          .append(" AND begin_s<?2 AND end_s>?2 AND ?3>?2")};
  for (const std::string& statement : statements) {
    auto done =
        database.run(statement, stream, whole_s(span.begin), whole_s(span.end), model, forecasts);
    if (!done) return done;
  }
  return {};
}

Result<PutResult> KeptSeries::put(std::span<const Batch> batches, const AskedSpan& asked,
                                  Utc known) {
  return told(put_all(database_, batches, asked, known));
}

Result<PutResult> KeptSeries::put(const Batch& batch, Interval asked, Utc known) {
  AskedSpan newest{batch.key, asked};
  newest.key.model.clear();
  return put({&batch, 1}, newest, known);
}

Result<std::vector<Interval>> KeptSeries::to_ask(const AskedSpan& asked, const Freshness& fresh) {
  const auto stream = stream_of(database_, asked.key);
  if (!stream) return told<std::vector<Interval>>(tl::unexpected(stream.error()));
  const auto there = asked_within(database_, *stream, asked);
  if (!there) return told<std::vector<Interval>>(tl::unexpected(there.error()));
  std::vector<Interval> good;
  for (const auto& [span, at] : *there) {
    const Utc until =
        at + fresh.again > fresh.now ? span.end : std::min(span.end, at - fresh.settles);
    good.push_back({span.begin, until});
  }
  return rest_of(asked.over, united(std::move(good)));
}

}  // namespace lowtide::grid
