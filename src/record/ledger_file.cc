#include "record/ledger_file.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <utility>

#include "host/database_file.h"

namespace lowtide::record {

using host::Database;
using host::Transaction;

namespace {

constexpr host::DatabaseKind kKind{"a ledger", 0x6c6f7764 /* "lowd" */, kLedgerSchema,
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

constexpr const char* kActTables = R"sql(
CREATE TABLE act(
  run INTEGER PRIMARY KEY REFERENCES run(key) ON DELETE CASCADE, host TEXT NOT NULL,
  standing TEXT NOT NULL, state TEXT NOT NULL, about TEXT NOT NULL, changed_ns INTEGER NOT NULL);
CREATE INDEX act_open ON act(standing) WHERE standing IN ('waiting','runs','paused');
CREATE TABLE act_transition(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, number INTEGER NOT NULL,
  time_ns INTEGER NOT NULL, changes TEXT NOT NULL, phase TEXT NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY(run, number)) WITHOUT ROWID;
CREATE TABLE act_plan(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, number INTEGER NOT NULL,
  made_ns INTEGER NOT NULL, why TEXT NOT NULL, saving REAL NOT NULL, runs TEXT NOT NULL,
  basis TEXT NOT NULL, forecast TEXT, cost_g REAL, cost_now_g REAL, PRIMARY KEY(run, number));
CREATE TABLE act_learnt(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, number INTEGER NOT NULL,
  name TEXT NOT NULL, manner TEXT NOT NULL, time_ns INTEGER NOT NULL, save_takes_s REAL,
  resume_takes_s REAL, redone_s REAL, resume_energy_j REAL,
  PRIMARY KEY(run, number)) WITHOUT ROWID;
CREATE INDEX act_learnt_by_name ON act_learnt(name, manner, time_ns);
)sql";

// Tables of an empty file, or what an older schema lacks.
Result<void> bring_up(Database& database, std::int64_t version) {
  struct Step {
    bool lacks;
    const char* tables;
  };
  for (const auto& [lacks, tables] :
       {Step{version == 0, kTables}, Step{version == 1, kFromSchema1},
        Step{version == 1 || version == 2, kFromSchema2}, Step{version < 4, kActTables}}) {
    if (!lacks) continue;
    if (auto done = database.execute(tables); !done) return done;
  }
  return {};
}

}  // namespace

// Makes the tables of an empty file, or brings those of an older schema up to this one.
Result<void> make_ledger_tables(Database& database) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  // Another process may have made them while we waited for the lock.
  const auto version = host::schema_of(database, kKind);
  if (!version) return tl::unexpected(version.error());
  if (*version == kLedgerSchema) return transaction->commit();
  if (auto made = bring_up(database, *version); !made) return made;
  if (auto made = host::mark_schema(database, kKind); !made) return made;
  return transaction->commit();
}

Result<Database> open_ledger_file(const std::string& path) {
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
  if (*version < kLedgerSchema) {
    if (auto made = make_ledger_tables(*database); !made) return tl::unexpected(made.error());
  }
  return std::move(*database);
}

Result<Database> open_ledger_file_to_read(const std::string& path) {
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
  if (*version < kLedgerSchema) return open_ledger_file(path);  // brings it up to date
  return std::move(*database);
}

}  // namespace lowtide::record
