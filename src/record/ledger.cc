#include "record/ledger.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "host/file_system.h"
#include "record/ledger_text.h"

namespace lowtide::record {
namespace {

constexpr int kApplicationId = 0x6c6f7764;  // "lowd": tells a ledger from any other SQLite file

constexpr const char* kTables = R"sql(
CREATE TABLE run(
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, project TEXT NOT NULL,
  parent TEXT NOT NULL, command TEXT NOT NULL, host TEXT NOT NULL, state TEXT NOT NULL,
  exit_status INTEGER, exit_note TEXT NOT NULL, submitted_ns INTEGER NOT NULL, begin_ns INTEGER,
  end_ns INTEGER, lives INTEGER NOT NULL, lowtide_version TEXT NOT NULL, tags TEXT NOT NULL,
  counts TEXT NOT NULL, machine TEXT NOT NULL, options TEXT NOT NULL);
CREATE INDEX run_by_name ON run(name, submitted_ns);
CREATE INDEX run_by_time ON run(submitted_ns);
CREATE INDEX run_by_project ON run(project, submitted_ns);
CREATE INDEX run_open ON run(state) WHERE state IN ('running','waiting','paused');
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
  note TEXT NOT NULL, PRIMARY KEY(run, channel)) WITHOUT ROWID;
CREATE TABLE sample(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, channel INTEGER NOT NULL,
  begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL, energy_j REAL NOT NULL, min_w REAL NOT NULL,
  max_w REAL NOT NULL, quality TEXT NOT NULL, PRIMARY KEY(run, begin_ns, channel)) WITHOUT ROWID;
CREATE TABLE slot(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, begin_ns INTEGER NOT NULL,
  channel INTEGER NOT NULL, end_ns INTEGER NOT NULL, state TEXT NOT NULL, device_j REAL NOT NULL,
  covered_ns INTEGER NOT NULL, lowest_w REAL NOT NULL, quality TEXT NOT NULL,
  PRIMARY KEY(run, begin_ns, channel)) WITHOUT ROWID;
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
  quality TEXT NOT NULL, PRIMARY KEY(run, series, begin_ns)) WITHOUT ROWID;
CREATE TABLE event(
  run INTEGER NOT NULL REFERENCES run(key) ON DELETE CASCADE, time_ns INTEGER NOT NULL,
  kind TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX event_by_run ON event(run, time_ns);
)sql";

// The schema of the file: 0 for an empty one. Error malformed for a file that is not ours, or that
// a newer lowtide wrote.
Result<std::int64_t> schema_of(Database& database) {
  const auto version = database.integer("PRAGMA user_version");
  if (!version) return version;
  const auto tables = database.integer("SELECT count(*) FROM sqlite_master");
  if (!tables) return tables;
  if (*tables == 0) return 0;
  const auto application = database.integer("PRAGMA application_id");
  if (!application) return application;
  if (*application != kApplicationId) {
    return fail(ErrorKind::malformed, "is a database, but not a ledger of lowtide", database.path(),
                "name another folder with LOWTIDE_HOME");
  }
  if (*version > Ledger::kSchema) {
    return fail(ErrorKind::malformed,
                "was written by a newer lowtide (schema " + std::to_string(*version) +
                    ", this one knows " + std::to_string(Ledger::kSchema) + ")",
                database.path(), "update lowtide, or name another folder with LOWTIDE_HOME");
  }
  return version;
}

Result<void> create_tables(Database& database) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  // Another process may have made them while we waited for the lock.
  const auto version = schema_of(database);
  if (!version) return tl::unexpected(version.error());
  if (*version == Ledger::kSchema) return transaction->commit();
  if (auto made = database.execute(kTables); !made) return made;
  const std::string mark = "PRAGMA application_id=" + std::to_string(kApplicationId) +
                           "; PRAGMA user_version=" + std::to_string(Ledger::kSchema);
  if (auto made = database.execute(mark.c_str()); !made) return made;
  return transaction->commit();
}

Result<void> make_folder(const std::string& path) {
  std::error_code code;
  const auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty() || std::filesystem::is_directory(folder, code)) return {};
  std::filesystem::create_directories(folder, code);
  if (code) return fail(ErrorKind::denied, code.message(), folder);
  // It will hold command lines: its owner's only.
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, code);
  return {};
}

// A new ledger is its owner's only, whatever the umask: it holds command lines. In a folder that is
// shared with its group on purpose it is the group's too, as the umask allows. SQLite takes the
// mode for its own files, and no existing file's mode is touched.
void make_file(const std::string& path) {
  struct stat about{};
  const auto folder = std::filesystem::path(path).parent_path();
  const bool known = stat(folder.empty() ? "." : folder.c_str(), &about) == 0;
  const bool shared = known && (about.st_mode & S_IWGRP) != 0 && (about.st_mode & S_ISVTX) == 0;
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, shared ? 0660 : 0600);
  if (fd >= 0) ::close(fd);  // what is wrong otherwise, SQLite says better
}

}  // namespace

bool Increment::empty() const {
  return channels.empty() && samples.empty() && slots.empty() && use.empty() && events.empty() &&
         intensity.empty();
}

Result<Ledger> Ledger::open(const std::string& path) {
  if (auto made = make_folder(path); !made) return tl::unexpected(made.error());
  make_file(path);
  auto database = Database::open(path, Database::Access::read_write);
  if (!database) return tl::unexpected(database.error());
  database->wait_for_locks(std::chrono::seconds(2));
  const auto version = schema_of(*database);
  if (!version) return tl::unexpected(version.error());
  // WAL needs shared memory between the processes of one machine.
  const char* settings = host::file_system_of(path).network
                             ? "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL;"
                             : "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;";
  if (auto set = database->execute(settings); !set) return tl::unexpected(set.error());
  if (auto set = database->execute("PRAGMA foreign_keys=ON; PRAGMA cache_size=-256;"); !set) {
    return tl::unexpected(set.error());
  }
  if (*version == 0) {
    if (auto made = create_tables(*database); !made) return tl::unexpected(made.error());
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
  const auto version = schema_of(*database);
  if (!version) return tl::unexpected(version.error());
  if (*version == 0) return fail(ErrorKind::absent, "no run has been recorded yet", path);
  return Ledger(std::move(*database));
}

Result<Ledger> Ledger::in_memory() {
  auto database = Database::open(":memory:", Database::Access::read_write);
  if (!database) return tl::unexpected(database.error());
  if (auto made = create_tables(*database); !made) return tl::unexpected(made.error());
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
