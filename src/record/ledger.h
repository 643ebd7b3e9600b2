// The ledger: one SQLite database (WAL) in which every run's energy is kept.
//
// Design. The ledger holds what was measured, when, by what, and what is missing: samples, slots,
// the use of the CPUs, events, and the intensity that was joined. It holds no carbon: that is
// derived (src/account). Times are nanoseconds of UTC, energies joules, powers watts, intensities
// g/kWh; each column carries its unit in its name. docs/formats/ledger.md describes the schema.
// A run is written in increments, each one transaction: what is in the ledger is always a
// consistent prefix of the run, together with the raw counters at its end (`saved`), from which a
// later meter bridges what it missed. Refused: a file a run (a listing would open thousands), a
// log of JSON lines (no two writers, no index).
// Several processes share a ledger; one thread a Ledger object.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/sqlite.h"
#include "record/ledger_file.h"
#include "series/run.h"

namespace lowtide::record {

using host::Database;
using host::Statement;
using host::Transaction;

// Which processes keep a run, and what a new meter needs to go on.
struct Keeper {
  std::string boot_id;
  int job_pid = 0;
  std::int64_t job_start = 0;  // field 22 of /proc/PID/stat: tells a reused pid
  int meter_pid = 0;
  std::int64_t meter_start = 0;
  int supervisor_pid = 0;  // 0: there is none (a run taken up by a later lowtide)
  std::int64_t supervisor_start = 0;
  Utc anchor_utc;
  BootTime anchor_boot;
  std::string saved;  // raw counters of all meters, see sense::Meter::save()
  BootTime saved_at;  // everything up to here is in the ledger
  Duration saved_job_cpu{};
  Duration saved_machine_cpu{};
};

// What one flush adds. Samples, slots and use replace rows with the same begin.
struct Increment {
  std::vector<std::pair<std::size_t, ChannelInfo>> channels;  // new or changed, by index
  std::vector<Sample> samples;
  std::vector<ChannelSlot> slots;
  std::vector<UseSlot> use;
  std::vector<Event> events;
  std::vector<std::pair<std::size_t, IntensityUsed>> intensity;  // replaces that series
  std::optional<RunState> state = std::nullopt;  // of the run's row, where it changed
  [[nodiscard]] bool empty() const;
};

// One line of a listing: a record. Of one with several lives, the facts of one of them.
struct RunLine {
  std::int64_t key = 0;
  std::string id;  // of the record
  std::string name;
  std::string project;
  RunState state = RunState::running;
  Utc submitted;
  std::int64_t namesakes = 0;  // how many runs had the name that find() was given; 0: by id
};

struct RunFilter {
  std::string project;
  std::string tag_key;
  std::string tag_value;
  std::optional<Utc> since;
  std::optional<std::int64_t> newest = std::nullopt;  // at most so many, the newest of them
};

// What removing runs freed, in bytes.
struct Space {
  std::int64_t returned = 0;  // to the disk
  std::int64_t kept = 0;      // in the file, for later runs
};

class Ledger {
 public:
  static constexpr int kSchema = kLedgerSchema;
  static constexpr std::int64_t kCheapToPack = 16LL << 20;  // bytes; 59 MB took 2.8 s

  // Creates file and folder when needed, brings an older schema up to date. Errors: denied,
  // temporary, malformed (not a ledger, or one of a newer lowtide, which is never touched).
  [[nodiscard]] static Result<Ledger> open(const std::string& path);
  // For reading only, but that one of an older schema is brought up to date; absent when there is
  // no ledger yet.
  [[nodiscard]] static Result<Ledger> open_to_read(const std::string& path);
  // A ledger that lives as long as the process: where a run is kept when the disk will not have it.
  [[nodiscard]] static Result<Ledger> in_memory();

  // The run's row (and channels, events, intensity if it has any); returns its key.
  [[nodiscard]] Result<std::int64_t> add(const RunRecord& run, const Keeper& keeper);
  // One transaction.
  [[nodiscard]] Result<void> append(std::int64_t key, const Increment& more, const Keeper& keeper);
  // State, exit status, ends, counts, lives and options as they are in `run`.
  [[nodiscard]] Result<void> update(std::int64_t key, const RunRecord& run);
  // Joins neighbouring samples of a channel into buckets of `width` within a slot.
  [[nodiscard]] Result<void> coarsen(std::int64_t key, std::size_t channel, Duration width);
  [[nodiscard]] Result<std::int64_t> count_samples(std::int64_t key, std::size_t channel);

  // An exact id (of a record or of a life of it), `last`, a unique prefix or a name (the newest).
  // Error absent names what is near.
  [[nodiscard]] Result<RunLine> find(std::string_view wanted);
  // Each record once, oldest first.
  [[nodiscard]] Result<std::vector<RunLine>> list(const RunFilter& filter);
  [[nodiscard]] Result<std::int64_t> count(const RunFilter& filter);  // `newest` does not count
  [[nodiscard]] Result<std::int64_t> count_runs();
  // The row alone, as its meter wrote it.
  [[nodiscard]] Result<RunRecord> load(std::int64_t key, bool with_samples);
  // The record that the row belongs to, with all its lives (series/merge_lives.h).
  [[nodiscard]] Result<RunRecord> whole(std::int64_t key, bool with_samples);
  // The rows of that record, the first life first.
  [[nodiscard]] Result<std::vector<std::int64_t>> lives_of(std::int64_t key);
  [[nodiscard]] Result<Keeper> keeper(std::int64_t key);
  [[nodiscard]] Result<std::string> host_of(std::int64_t key);
  // Makes `keeper`'s meter the one that keeps the run; false when the meter `before` no longer was.
  [[nodiscard]] Result<bool> claim(std::int64_t key, const Keeper& keeper, int meter_before);
  // Rows that somebody writes, or did when he was killed.
  [[nodiscard]] Result<std::vector<RunLine>> unfinished();
  // These, and the records that wait or are paused between two lives (record/acts.h).
  [[nodiscard]] Result<std::vector<RunLine>> open_records();
  // Is there a plan to be gone on with? Also of a run whose last life has just ended.
  [[nodiscard]] Result<bool> any_act_open();
  // The newest runs of a watch of this subject (record/subject.h) on this host, newest first.
  [[nodiscard]] Result<std::vector<RunLine>> watched(const std::string& subject,
                                                     const std::string& host);
  // The record with exactly this id, that has ended; usage where it goes on, with what ends it.
  [[nodiscard]] Result<RunLine> ended(const std::string& id);
  // Name, project, tags and counts of an ended run as `change` leaves them, and the events that it
  // adds; what was measured stays. One transaction, none where `change` says an error.
  [[nodiscard]] Result<void> edit(const std::string& id,
                                  const std::function<Result<void>(RunRecord&)>& change);
  // Puts `now` in the place of the intensity that the row `key` was priced with, and keeps what it
  // replaces (past_intensity()), with what is said of it. One transaction.
  [[nodiscard]] Result<void> reprice(std::int64_t key, const std::vector<IntensityUsed>& now,
                                     const Event& said);
  struct Replaced {
    Utc at;
    IntensityUsed used;
  };
  // The series that were replaced, the last first.
  [[nodiscard]] Result<std::vector<Replaced>> past_intensity(std::int64_t key);
  // Rows that have ended and whose intensity is provisional.
  [[nodiscard]] Result<std::vector<std::int64_t>> provisional();
  // Ended runs with all that hangs on them, overwritten with zeros: all of them or none.
  [[nodiscard]] Result<void> remove(const std::vector<std::string>& ids);
  // Gives free pages back to the disk where that is cheap: no run goes on, which would have to
  // wait, and the file is small (kCheapToPack). Where not, later runs fill them.
  [[nodiscard]] Result<Space> reclaim();
  // Everything about a run as a JSON object, as docs/formats/export.md has it.
  [[nodiscard]] Result<std::string> export_json(std::int64_t key);
  // Copies all runs of another ledger's file, without their keepers; a run that is here already is
  // replaced. One transaction.
  [[nodiscard]] Result<void> absorb(const std::string& file);

  [[nodiscard]] const std::string& path() const { return database_.path(); }
  [[nodiscard]] bool moved() const { return database_.moved(); }
  void wait_for_locks(Duration at_most) { database_.wait_for_locks(at_most); }

 private:
  explicit Ledger(Database database) : database_(std::move(database)) {}
  [[nodiscard]] Result<std::vector<RunLine>> by_id(const std::string& text);
  [[nodiscard]] Result<std::vector<RunLine>> by_name(const std::string& text);
  [[nodiscard]] Result<void> write_change(std::int64_t key, const RunRecord& before,
                                          const RunRecord& after);
  [[nodiscard]] Result<void> write_rows(std::int64_t key, const Increment& more);
  [[nodiscard]] Result<void> write_intensity(std::int64_t key, std::size_t index,
                                             const IntensityUsed& used);
  Database database_;
};

// The samples of one channel joined into buckets of `width`, aligned to the slot and never across
// its edge. Energy is conserved; a hole is never bridged.
[[nodiscard]] std::vector<Sample> coarser(const std::vector<Sample>& samples, Duration width);

}  // namespace lowtide::record
