// Out of the kept series: what is known of a time, what was known of it, and what changed.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "grid/kept_tables.h"

namespace lowtide::grid {
namespace {

using host::Database;
using host::Statement;
using host::Transaction;

constexpr IntensityKind kKinds[] = {IntensityKind::history, IntensityKind::estimated};

struct Row {  // of `value`
  std::int64_t begin;
  std::int64_t length;
  std::int64_t kind;
  std::int64_t known_ms;
  double value;
};

KeptPoint point_of(const Row& row) {
  return {{utc_of_s(row.begin), utc_of_s(row.begin + row.length)},
          grams_per_kwh(row.value),
          kKinds[row.kind != 0 ? 1 : 0],
          utc_of_ms(row.known_ms),
          std::nullopt};
}

struct SeriesRow {
  std::int64_t key = 0;
  std::int64_t longest_s = 0;
  std::string model;
};

// All models of a series, by name; of imports, whose models are hashes, the newest last.
Result<std::vector<SeriesRow>> series_of(Database& database, const SeriesKey& key) {
  std::vector<SeriesRow> found;
  const auto done = each_row(
      database,
      "SELECT s.key,longest_s,model FROM series s JOIN stream ON stream.key=s.stream"
      " WHERE provider=? AND zone=? AND signal=? AND scope=? AND gas=?"
      " ORDER BY CASE provider WHEN 'import' THEN s.key ELSE 0 END,model",
      [&](const Statement& row) {
        if (!key.model.empty() && key.model != row.text(2)) return;
        found.push_back({row.integer(0), row.integer(1), row.text(2)});
      },
      key.provider, key.zone, spell(key.signal), key.scope ? spell(*key.scope) : "",
      spell(key.gas));
  if (!done) return tl::unexpected(done.error());
  return found;
}

Result<bool> has_some(Database& database, const SeriesRow& series, Interval over) {
  const auto some = integer_of(
      database,
      "SELECT EXISTS(SELECT 1 FROM value WHERE series=?1 AND begin_s<?3 AND begin_s>?2-?4"
      "               AND begin_s+length_s>?2)"
      " OR EXISTS(SELECT 1 FROM issue WHERE series=?1 AND begin_s<?3 AND end_s>?2)",
      series.key, whole_s(over.begin), whole_s(over.end), series.longest_s);
  if (!some) return tl::unexpected(some.error());
  return *some != 0;
}

// Those that have something to say of `over`.
Result<std::vector<SeriesRow>> series_within(Database& database, const SeriesKey& key,
                                             Interval over) {
  auto all = series_of(database, key);
  if (!all) return all;
  std::vector<SeriesRow> found;
  for (const SeriesRow& series : *all) {
    const auto some = has_some(database, series, over);
    if (!some) return tl::unexpected(some.error());
    if (*some) found.push_back(series);
  }
  return found;
}

// Rows that meet `over`, by begin, length, kind and time.
Result<std::vector<Row>> rows_of(Database& database, const SeriesRow& series, Interval over,
                                 std::int64_t as_of_ms) {
  std::vector<Row> rows;
  const std::int64_t from = whole_s(over.begin);
  const auto done = each_row(
      database,
      "SELECT begin_s,length_s,kind,known_ms,g_per_kwh FROM value"
      " WHERE series=? AND begin_s>? AND begin_s<? AND known_ms<=? ORDER BY begin_s,length_s,kind,"
      "known_ms",
      [&](const Statement& row) {
        const Row read{row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.real(4)};
        if (read.begin + read.length > from) rows.push_back(read);
      },
      series.key, from - series.longest_s, whole_s(over.end), as_of_ms);
  if (!done) return tl::unexpected(done.error());
  return rows;
}

// The row that counts for each span: the best kind, the newest of it.
std::vector<Row> that_count(const std::vector<Row>& rows) {
  std::vector<Row> out;
  for (const Row& row : rows) {
    const bool same =
        !out.empty() && out.back().begin == row.begin && out.back().length == row.length;
    if (same && out.back().kind == row.kind) {
      out.back() = row;
    } else if (!same) {
      out.push_back(row);
    }
  }
  return out;
}

// That `piece` at `edge` is more of the row that the one before was cut from.
bool goes_on(const Row& before, const Row& piece, std::int64_t edge) {
  return piece.begin < edge && before.begin + before.length == edge && before.kind == piece.kind &&
         before.known_ms == piece.known_ms && before.value == piece.value;
}

// One row for each moment, where spans of several lengths overlap: the best kind, then the finest,
// then the newest.
std::vector<Row> layered(const std::vector<Row>& rows) {
  std::vector<std::int64_t> edges;
  for (const Row& row : rows) {
    edges.push_back(row.begin);
    edges.push_back(row.begin + row.length);
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  using Rank = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::size_t>;
  std::set<Rank> open;
  std::vector<Row> out;
  std::size_t next = 0;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    for (; next < rows.size() && rows[next].begin <= edges[i]; ++next) {
      open.emplace(rows[next].kind, rows[next].length, -rows[next].known_ms, next);
    }
    std::erase_if(open, [&](const Rank& rank) {
      const Row& row = rows[std::get<3>(rank)];
      return row.begin + row.length <= edges[i];
    });
    if (open.empty()) continue;
    Row piece = rows[std::get<3>(*open.begin())];
    if (!out.empty() && goes_on(out.back(), piece, edges[i])) {
      out.back().length += edges[i + 1] - edges[i];
      continue;
    }
    piece.begin = edges[i];
    piece.length = edges[i + 1] - edges[i];
    out.push_back(piece);
  }
  return out;
}

std::vector<KeptPoint> points_of(std::vector<Row> rows, Interval over) {
  rows = that_count(rows);
  const auto overlap = std::adjacent_find(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.begin + a.length > b.begin;
  });
  if (overlap != rows.end()) rows = layered(rows);
  std::vector<KeptPoint> points;
  points.reserve(rows.size());
  for (const Row& row : rows) {
    points.push_back(point_of(row));
    points.back().span = points.back().span.meet(over);
    if (points.back().span.empty()) points.pop_back();
  }
  return points;
}

struct Issue {
  std::int64_t key;
  Utc issued;
  Utc known;
};

// The issues that meet `over`, the newest first, as they were known or issued by then.
Result<std::vector<Issue>> issues_of(Database& database, std::int64_t series, Interval over,
                                     std::int64_t known_ms, std::int64_t issued_s) {
  std::vector<Issue> issues;
  const auto done = each_row(
      database,
      "SELECT key,issued_s,known_ms FROM issue WHERE series=? AND begin_s<? AND end_s>?"
      " AND known_ms<=? AND issued_s<=? ORDER BY issued_s DESC",
      [&](const Statement& row) {
        issues.push_back({row.integer(0), utc_of_s(row.integer(1)), utc_of_ms(row.integer(2))});
      },
      series, whole_s(over.end), whole_s(over.begin), known_ms, issued_s);
  if (!done) return tl::unexpected(done.error());
  return issues;
}

// The points of one issue within `gaps`, which are united; added to `points`.
Result<void> add_issue(Database& database, const Issue& issue, const std::vector<Interval>& gaps,
                       std::vector<KeptPoint>& points) {
  if (gaps.empty()) return {};
  return each_row(
      database, "SELECT begin_s,length_s,g_per_kwh FROM forecast WHERE issue=? AND begin_s<?",
      [&](const Statement& row) {
        const Utc begin = utc_of_s(row.integer(0));
        const Interval whole{begin, begin + std::chrono::seconds(row.integer(1))};
        for (const Interval& gap : gaps) {
          const Interval part = whole.meet(gap);
          if (part.empty()) continue;
          points.push_back({part, grams_per_kwh(row.real(2)), IntensityKind::forecast, issue.known,
                            issue.issued});
        }
      },
      issue.key, whole_s(gaps.back().end));
}

std::vector<Interval> gaps_in(Interval over, const std::vector<KeptPoint>& points) {
  std::vector<Interval> spans;
  spans.reserve(points.size());
  for (const KeptPoint& point : points) spans.push_back(point.span);
  return rest_of(over, united(std::move(spans)));
}

constexpr std::int64_t kEver = INT64_MAX;

// Values, and forecasts where there are none.
Result<std::vector<KeptPoint>> read_one(Database& database, const SeriesRow& series, Interval over,
                                        std::int64_t as_of_ms) {
  auto rows = rows_of(database, series, over, as_of_ms);
  if (!rows) return tl::unexpected(rows.error());
  std::vector<KeptPoint> points = points_of(std::move(*rows), over);
  std::vector<Interval> gaps = gaps_in(over, points);
  if (gaps.empty()) return points;
  const Interval hull{gaps.front().begin, gaps.back().end};
  const auto issues = issues_of(database, series.key, hull, as_of_ms, kEver);
  if (!issues) return tl::unexpected(issues.error());
  for (const Issue& issue : *issues) {
    if (auto added = add_issue(database, issue, gaps, points); !added) {
      return tl::unexpected(added.error());
    }
    gaps = gaps_in(over, points);
    if (gaps.empty()) break;
  }
  std::sort(points.begin(), points.end(),
            [](const KeptPoint& a, const KeptPoint& b) { return a.span.begin < b.span.begin; });
  return points;
}

Result<std::vector<KeptPoint>> newest_issue(Database& database, std::int64_t series, Interval over,
                                            Utc at) {
  const auto issues = issues_of(database, series, over, kEver, whole_s(at));
  if (!issues) return tl::unexpected(issues.error());
  std::vector<KeptPoint> points;
  if (issues->empty()) return points;
  if (auto added = add_issue(database, issues->front(), {over}, points); !added) {
    return tl::unexpected(added.error());
  }
  return points;
}

// How the row that counts changed as more of a span was learnt. `rows` are of one span.
void add_revisions(std::vector<Row> rows, std::vector<Revision>& out) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::pair(a.known_ms, a.kind) < std::pair(b.known_ms, b.kind);
  });
  const Row* counts = nullptr;
  for (const Row& row : rows) {
    if (counts != nullptr && row.kind > counts->kind) continue;
    if (counts != nullptr && row.value != counts->value) {
      out.push_back({point_of(row).span, grams_per_kwh(counts->value), grams_per_kwh(row.value),
                     utc_of_ms(counts->known_ms), utc_of_ms(row.known_ms)});
    }
    counts = &row;
  }
}

// A read-only transaction around `read`, which is given the newest series with something to say.
template <typename T, typename Read>
Result<T> in_newest(Database& database, const SeriesKey& key, Interval over, std::int64_t& series,
                    const Read& read) {
  auto moment = Transaction::begin(database, "BEGIN");
  if (!moment) return tl::unexpected(moment.error());
  const auto all = series_within(database, key, over);
  if (!all) return tl::unexpected(all.error());
  if (all->empty()) return T{};
  series = all->back().key;
  return read(all->back());
}

}  // namespace

Result<std::vector<KeptPoint>> KeptSeries::read(const SeriesKey& key, Interval over,
                                                std::optional<Utc> as_of) {
  std::int64_t series = 0;
  auto points =
      in_newest<std::vector<KeptPoint>>(database_, key, over, series, [&](const SeriesRow& row) {
        return read_one(database_, row, over, as_of ? whole_ms(*as_of) : kEver);
      });
  if (points && series != 0) mark_read(series, over);
  return told(std::move(points));
}

Result<std::vector<KeptPoint>> KeptSeries::forecast(const SeriesKey& key, Interval over, Utc at) {
  std::int64_t series = 0;
  auto points = in_newest<std::vector<KeptPoint>>(
      database_, key, over, series,
      [&](const SeriesRow& row) { return newest_issue(database_, row.key, over, at); });
  if (points && !points->empty()) mark_read(series, {points->front().issued.value(), over.end});
  return told(std::move(points));
}

Result<std::vector<Revision>> KeptSeries::revisions(const SeriesKey& key, Interval over) {
  std::int64_t series = 0;
  return told(in_newest<std::vector<Revision>>(
      database_, key, over, series, [&](const SeriesRow& row) -> Result<std::vector<Revision>> {
        const auto rows = rows_of(database_, row, over, kEver);
        if (!rows) return tl::unexpected(rows.error());
        std::vector<Revision> found;
        for (auto from = rows->begin(); from != rows->end();) {
          const auto to = std::find_if(from, rows->end(), [&](const Row& other) {
            return other.begin != from->begin || other.length != from->length;
          });
          add_revisions({from, to}, found);
          from = to;
        }
        return found;
      }));
}

Result<std::vector<std::string>> KeptSeries::models(const SeriesKey& key, Interval over) {
  SeriesKey any = key;
  any.model.clear();
  const auto all = series_within(database_, any, over);
  if (!all) return told<std::vector<std::string>>(tl::unexpected(all.error()));
  std::vector<std::string> names;
  for (const SeriesRow& series : *all) names.push_back(series.model);
  return names;
}

}  // namespace lowtide::grid
