#include "grid/kept_series.h"

#include <sys/stat.h>

#include <cerrno>

#include "grid/kept_tables.h"
#include "host/database_file.h"

namespace lowtide::grid {
namespace {

using host::Database;
using host::Statement;
using host::Transaction;

constexpr host::DatabaseKind kKind{"a cache", 0x6c6f7763 /* "lowc" */, KeptSeries::kSchema,
                                   "name another folder with LOWTIDE_HOME"};

constexpr const char* kTables = R"sql(
CREATE TABLE stream(
  key INTEGER PRIMARY KEY, provider TEXT NOT NULL, zone TEXT NOT NULL, signal TEXT NOT NULL,
  scope TEXT NOT NULL, UNIQUE(provider, zone, signal, scope));
CREATE TABLE series(
  key INTEGER PRIMARY KEY, stream INTEGER NOT NULL, gas TEXT NOT NULL, model TEXT NOT NULL,
  longest_s INTEGER NOT NULL, UNIQUE(stream, gas, model));
CREATE TABLE value(
  series INTEGER NOT NULL, begin_s INTEGER NOT NULL, length_s INTEGER NOT NULL,
  kind INTEGER NOT NULL, known_ms INTEGER NOT NULL, g_per_kwh REAL NOT NULL,
  PRIMARY KEY(series, begin_s, length_s, kind, known_ms)) WITHOUT ROWID;
CREATE TABLE issue(
  key INTEGER PRIMARY KEY, series INTEGER NOT NULL, issued_s INTEGER NOT NULL,
  known_ms INTEGER NOT NULL, begin_s INTEGER NOT NULL, end_s INTEGER NOT NULL,
  UNIQUE(series, issued_s));
CREATE TABLE forecast(
  issue INTEGER NOT NULL, begin_s INTEGER NOT NULL, length_s INTEGER NOT NULL,
  g_per_kwh REAL NOT NULL, PRIMARY KEY(issue, begin_s)) WITHOUT ROWID;
CREATE TABLE asked(
  stream INTEGER NOT NULL, model TEXT NOT NULL, forecasts INTEGER NOT NULL,
  begin_s INTEGER NOT NULL, end_s INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY(stream, model, forecasts, begin_s)) WITHOUT ROWID;
CREATE TABLE month(
  series INTEGER NOT NULL, begin_s INTEGER NOT NULL, used_s INTEGER NOT NULL,
  n_values INTEGER NOT NULL, n_revisions INTEGER NOT NULL,
  PRIMARY KEY(series, begin_s)) WITHOUT ROWID;
CREATE TABLE note(
  key TEXT PRIMARY KEY, value TEXT NOT NULL, at_ns INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE answer(
  name TEXT PRIMARY KEY, etag TEXT NOT NULL, last_modified TEXT NOT NULL, body TEXT NOT NULL,
  at_ns INTEGER NOT NULL);
)sql";

Result<void> make_tables(Database& database) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  // Another process may have made them while we waited for the lock.
  const auto version = host::schema_of(database, kKind);
  if (!version) return tl::unexpected(version.error());
  if (*version == KeptSeries::kSchema) return transaction->commit();
  if (auto made = database.execute(kTables); !made) return made;
  if (auto made = host::mark_schema(database, kKind); !made) return made;
  return transaction->commit();
}

SeriesKey key_in(const Statement& row) {
  return {row.text(0),
          row.text(1),
          read_word<Signal>(row.text(2)).value_or(Signal::average),
          read_word<Scope>(row.text(3)),
          read_word<Gas>(row.text(4)).value_or(Gas::co2e),
          row.text(5)};
}

}  // namespace

KeptSeries::KeptSeries(host::Database database) : database_(std::move(database)) {
  database_.wait_for_locks(patience_);
}

void KeptSeries::wait_for_locks(Duration at_most) {
  patience_ = at_most;
  database_.wait_for_locks(at_most);
}

Result<KeptSeries> KeptSeries::open(const std::string& path) {
  if (auto made = host::make_database_file(path); !made) return tl::unexpected(made.error());
  auto database = Database::open(path, Database::Access::read_write);
  if (!database) return tl::unexpected(database.error());
  KeptSeries kept(std::move(*database));
  const auto version = told(host::schema_of(kept.database_, kKind));
  if (!version) return tl::unexpected(version.error());
  if (*version == 0) {  // or it never gives anything back; says nothing once there are tables
    auto set = kept.database_.execute("PRAGMA auto_vacuum=INCREMENTAL");
    if (!set) return tl::unexpected(set.error());
  }
  if (auto set = host::choose_journal(kept.database_); !set) return tl::unexpected(set.error());
  if (*version < kSchema) {
    if (auto made = make_tables(kept.database_); !made) return tl::unexpected(made.error());
  }
  return kept;
}

Result<KeptSeries> KeptSeries::open_to_read(const std::string& path) {
  const auto none = [&] {
    return fail(ErrorKind::absent, "no series has been fetched yet", path,
                "try: lowtide grid fetch ZONE");
  };
  struct stat about{};
  if (stat(path.c_str(), &about) != 0 && errno == ENOENT) return none();
  // To write what was read when; SQLite opens to read alone what may not be written.
  auto database = Database::open(path, Database::Access::read_write);
  if (!database) return tl::unexpected(database.error());
  KeptSeries kept(std::move(*database));
  const auto version = told(host::schema_of(kept.database_, kKind));
  if (!version) return tl::unexpected(version.error());
  if (*version == 0) return none();
  return kept;
}

Result<KeptSeries> KeptSeries::in_memory() {
  auto database = Database::open(":memory:", Database::Access::read_write);
  if (!database) return tl::unexpected(database.error());
  if (auto made = make_tables(*database); !made) return tl::unexpected(made.error());
  return KeptSeries(std::move(*database));
}

Result<std::vector<KeptLine>> KeptSeries::list() {
  std::vector<KeptLine> lines;
  // The ends by the key of `value`, the counts by month: no value is read.
  constexpr std::string_view kLines =
      "SELECT provider,zone,signal,scope,gas,model,"
      " (SELECT sum(n_values) FROM month WHERE series=s.key),"
      " (SELECT sum(n_revisions) FROM month WHERE series=s.key),"
      " (SELECT count(*) FROM issue WHERE series=s.key),"
      " coalesce((SELECT min(begin_s) FROM value WHERE series=s.key),"
      "          (SELECT min(begin_s) FROM issue WHERE series=s.key)),"
      " coalesce((SELECT begin_s+length_s FROM value WHERE series=s.key"
      "           ORDER BY begin_s DESC LIMIT 1),"
      "          (SELECT max(end_s) FROM issue WHERE series=s.key))"
      " FROM series s JOIN stream ON stream.key=s.stream"
      " ORDER BY provider,zone,signal,scope,gas,model";
  const auto done = each_row(database_, kLines, [&](const Statement& row) {
    const KeptLine line{key_in(row),
                        {utc_of_s(row.integer(9)), utc_of_s(row.integer(10))},
                        row.integer(6),
                        row.integer(8),
                        row.integer(7)};
    if (line.values > 0 || line.forecasts > 0) lines.push_back(line);
  });
  if (!done) return told<std::vector<KeptLine>>(tl::unexpected(done.error()));
  return lines;
}

Result<std::vector<SeriesKey>> KeptSeries::keys(const std::string& provider,
                                                const std::string& zone, Signal signal) {
  std::vector<SeriesKey> keys;
  const auto done = each_row(
      database_,
      "SELECT DISTINCT provider,zone,signal,scope,gas,'' FROM series s"
      " JOIN stream ON stream.key=s.stream WHERE provider=? AND zone=? AND signal=?",
      [&](const Statement& row) { keys.push_back(key_in(row)); }, provider, zone, spell(signal));
  if (!done) return told<std::vector<SeriesKey>>(tl::unexpected(done.error()));
  return keys;
}

Result<void> KeptSeries::note(const std::string& key, const std::string& value, Utc now) {
  return told(
      database_.run("INSERT INTO note VALUES(?,?,?)"
                    " ON CONFLICT DO UPDATE SET value=excluded.value,at_ns=excluded.at_ns",
                    key, value, now));
}

Result<std::optional<KeptSeries::Note>> KeptSeries::noted(const std::string& key) {
  std::optional<Note> found;
  const auto done = each_row(
      database_, "SELECT value,at_ns FROM note WHERE key=?",
      [&](const Statement& row) { found = Note{row.text(0), row.utc(1)}; }, key);
  if (!done) return told<std::optional<Note>>(tl::unexpected(done.error()));
  return found;
}

}  // namespace lowtide::grid
