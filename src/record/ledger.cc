#include "record/ledger.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "host/database_file.h"
#include "record/ledger_text.h"

namespace lowtide::record {
namespace {

constexpr host::DatabaseKind kKind{"a ledger", 0x6c6f7764 /* "lowd" */, Ledger::kSchema,
                                   "name another folder with LOWTIDE_HOME"};

constexpr const char* kTables = R"sql(
CREATE TABLE run(
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, project TEXT NOT NULL,
  parent TEXT NOT NULL, command TEXT NOT NULL, host TEXT NOT NULL, state TEXT NOT NULL,
  exit_status INTEGER, exit_note TEXT NOT NULL, submitted_ns INTEGER NOT NULL, begin_ns INTEGER,
  end_ns INTEGER, lives INTEGER NOT NULL, lowtide_version TEXT NOT NULL, tags TEXT NOT NULL,
  counts TEXT NOT NULL, machine TEXT NOT NULL, options TEXT NOT NULL,
  life_of TEXT NOT NULL DEFAULT '');
CREATE INDEX run_by_name ON run(name, submitted_ns);
CREATE INDEX run_by_time ON run(submitted_ns);
CREATE INDEX run_by_project ON run(project, submitted_ns);
CREATE INDEX run_open ON run(state) WHERE state IN ('running','waiting','paused');
CREATE INDEX run_lives ON run(life_of) WHERE life_of<>'';
CREATE TABLE keeper(
  run INTEGER PRIMARY KEY REFERENCES run(key) ON DELETE CASCADE, boot_id TEXT NOT NULL,
  job_pid INTEGER NOT NULL, job_start INTEGER NOT NULL, meter_pid INTEGER NOT NULL,
  meter_start INTEGER NOT NULL, supervisor_pid INTEGER NOT NULL,
  supervisor_start INTEGER NOT NULL, anchor_utc_ns INTEGER NOT NULL, anchor_boot_ns INTEGER NOT NULL,
  saved TEXT NOT NULL, saved_at_ns INTEGER NOT NULL, saved_job_cpu_ns INTEGER NOT NULL,
  saved_machine_cpu_ns INTEGER NOT NULL);
CREATE TABLE channel(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, channel INTEGER NOT NULL,
  id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, uuid TEXT NOT NULL,
  source TEXT NOT NULL, in_total INTEGER NOT NULL, idle_w REAL, errors TEXT NOT NULL,
  note TEXT NOT NULL, limit_w REAL, PRIMARY KEY(run, channel)) WITHOUT ROWID;
CREATE TABLE sample(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, channel INTEGER NOT NULL,
  begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, energy_j REAL NOT NULL, min_w REAL NOT NULL,
  max_w REAL NOT NULL, quality TEXT NOT NULL, PRIMARY KEY(run, begin_ns, channel)) WITHOUT ROWID;
CREATE TABLE slot(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, begin_ns INTEGER NOT NULL,
  channel INTEGER NOT NULL, end_ns INTEGER NOT NULL, state TEXT NOT NULL, device_j REAL NOT NULL,
  covered_ns INTEGER NOT NULL, lowest_w REAL NOT NULL, quality TEXT NOT NULL,
  device_use TEXT, second_path TEXT, PRIMARY KEY(run, begin_ns, channel)) WITHOUT ROWID;
CREATE TABLE use(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, begin_ns INTEGER NOT NULL,
  end_ns INTEGER NOT NULL, state TEXT NOT NULL, job_cpu_ns INTEGER NOT NULL,
  machine_cpu_ns INTEGER NOT NULL, PRIMARY KEY(run, begin_ns)) WITHOUT ROWID;
CREATE TABLE intensity(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, series INTEGER NOT NULL,
  zone TEXT NOT NULL, signal TEXT NOT NULL, source TEXT NOT NULL, sha256 TEXT NOT NULL,
  about TEXT NOT NULL, PRIMARY KEY(run, series)) WITHOUT ROWID;
CREATE TABLE intensity_piece(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, series INTEGER NOT NULL,
  begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, g_per_kwh REAL NOT NULL,
  quality TEXT NOT NULL, origin INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(run, series, begin_ns)) WITHOUT ROWID;
CREATE TABLE intensity_past(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, replaced_ns INTEGER NOT NULL,
  series INTEGER NOT NULL, zone TEXT NOT NULL, signal TEXT NOT NULL, source TEXT NOT NULL,
  sha256 TEXT NOT NULL, about TEXT NOT NULL, pieces TEXT NOT NULL,
  PRIMARY KEY(run, replaced_ns, series)) WITHOUT ROWID;
CREATE TABLE event(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, time_ns INTEGER NOT NULL,
  kind TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX event_by_run ON event(run, time_ns);
)sql";

// From older schemas, in place: rows stay as they are, new columns say that nothing is known.
constexpr const char* kFromSchema1 = R"sql(
ALTER TABLE run ADD COLUMN life_of TEXT NOT NULL DEFAULT '';
ALTER TABLE channel ADD COLUMN limit_w REAL;
ALTER TABLE slot ADD COLUMN device_use TEXT;
ALTER TABLE slot ADD COLUMN second_path TEXT;
CREATE INDEX run_lives ON run(life_of) WHERE life_of<>'';
CREATE INDEX IF NOT EXISTS run_by_project ON run(project, submitted_ns);
)sql";
constexpr const char* kFromSchema2 = R"sql(
ALTER TABLE intensity_piece ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
CREATE TABLE intensity_past(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, replaced_ns INTEGER NOT NULL,
  series INTEGER NOT NULL, zone TEXT NOT NULL, signal TEXT NOT NULL, source TEXT NOT NULL,
  sha256 TEXT NOT NULL, about TEXT NOT NULL, pieces TEXT NOT NULL,
  PRIMARY KEY(run, replaced_ns, series)) WITHOUT ROWID;
)sql";

// Tables of an empty file, or what an older schema lacks.
Result<void> bring_up(Database& database, std::int64_t version) {
  if (version == 0) return database.execute(kTables);
  if (version < 2) {
    if (auto done = database.execute(kFromSchema1); !done) return done;
  }
  return database.execute(kFromSchema2);
}

// Makes the tables of an empty file, or brings those of an older schema up to this one.
Result<void> make_tables(Database& database) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  // Another process may have made them while we waited for the lock.
  const auto version = host::schema_of(database, kKind);
  if (!version) return tl::unexpected(version.error());
  if (*version == Ledger::kSchema) return transaction->commit();
  if (auto made = bring_up(database, *version); !made) return made;
  if (auto made = host::mark_schema(database, kKind); !made) return made;
  return transaction->commit();
}

}  // namespace

bool Increment::empty() const {
  return channels.empty() && samples.empty() && slots.empty() && use.empty() && events.empty() &&
         intensity.empty();
}

Result<Ledger> Ledger::open(const std::string& path) {
  if (auto made = host::make_database_file(path); !made) return tl::unexpected(made.error());
  auto database = Database::open(path, Database::Access::read_write);
  if (!database) return tl::unexpected(database.error());
  database->wait_for_locks(std::chrono::seconds(2));
  const auto version = host::schema_of(*database, kKind);
  if (!version) return tl::unexpected(version.error());
  if (auto set = host::choose_journal(*database); !set) return tl::unexpected(set.error());
  if (auto set = database->execute("PRAGMA foreign_keys=ON; PRAGMA cache_size=-256;"); !set) {
    return tl::unexpected(set.error());
  }
  if (*version < kSchema) {
    if (auto made = make_tables(*database); !made) return tl::unexpected(made.error());
  }
  return Ledger(std::move(*database));
}

Result<Ledger> Ledger::open_to_read(const std::string& path) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0 && errno == ENOENT) {
    return fail(ErrorKind::absent, "no run has been recorded yet", path,
                "try: lowtide run -- COMMAND");
  }
  auto database = Database::open(path, Database::Access::read_only);
  if (!database) return tl::unexpected(database.error());
  database->wait_for_locks(std::chrono::seconds(2));
  const auto version = host::schema_of(*database, kKind);
  if (!version) return tl::unexpected(version.error());
  if (*version == 0) return fail(ErrorKind::absent, "no run has been recorded yet", path);
  if (*version < kSchema) return open(path);  // brings it up to date
  return Ledger(std::move(*database));
}

Result<Ledger> Ledger::in_memory() {
  auto database = Database::open(":memory:", Database::Access::read_write);
  if (!database) return tl::unexpected(database.error());
  if (auto made = make_tables(*database); !made) return tl::unexpected(made.error());
  return Ledger(std::move(*database));
}

std::vector<Sample> coarser(const std::vector<Sample>& samples, Duration width) {
  std::vector<Sample> joined;
  for (const Sample& sample : samples) {
    const Utc slot = slot_begin(sample.span.begin);
    const auto bucket = (sample.span.begin - slot) / width;
    const bool goes_on = !joined.empty() && joined.back().span.end == sample.span.begin &&
                         slot_begin(joined.back().span.begin) == slot &&
                         (joined.back().span.begin - slot) / width == bucket;
    if (!goes_on) {
      joined.push_back(sample);
      continue;
    }
    Sample& last = joined.back();
    last.span.end = sample.span.end;
    last.energy += sample.energy;
    last.min = std::min(last.min, sample.min);
    last.max = std::max(last.max, sample.max);
    last.quality = std::max(last.quality, sample.quality);
  }
  return joined;
}

}  // namespace lowtide::record
