#include <utility>

#include "record/ledger.h"
#include "record/ledger_rows.h"
#include "record/ledger_text.h"

namespace lowtide::record {
namespace {

std::optional<std::int64_t> maybe_integer(const std::optional<int>& value) {
  if (!value) return std::nullopt;
  return *value;
}

std::optional<double> maybe_watts(const std::optional<Power>& power) {
  if (!power) return std::nullopt;
  return as_watts(*power);
}

template <typename T>
std::optional<std::string> maybe_text(const std::optional<T>& value) {
  if (!value) return std::nullopt;
  return to_text(*value);
}

Result<void> write_keeper(Database& database, std::int64_t key, const Keeper& keeper) {
  return database.run("INSERT OR REPLACE INTO keeper VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", key,
                      keeper.boot_id, keeper.job_pid, keeper.job_start, keeper.meter_pid,
                      keeper.meter_start, keeper.supervisor_pid, keeper.supervisor_start,
                      keeper.anchor_utc, keeper.anchor_boot, keeper.saved, keeper.saved_at,
                      keeper.saved_job_cpu, keeper.saved_machine_cpu);
}

Result<void> write_channel(Database& database, std::int64_t key, std::size_t index,
                           const ChannelInfo& channel) {
  return database.run("INSERT OR REPLACE INTO channel VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", key, index,
                      channel.id, spell(channel.kind), channel.name, channel.uuid,
                      spell(channel.source), channel.in_total, maybe_watts(channel.idle_power),
                      to_text(channel.errors), channel.note, maybe_watts(channel.limit));
}

// Runs the statement for each row.
template <typename Rows, typename Bind>
Result<void> write_each(Database& database, std::string_view sql, const Rows& rows, Bind bind) {
  if (rows.empty()) return {};
  const auto statement = database.kept(sql);
  if (!statement) return tl::unexpected(statement.error());
  for (const auto& row : rows) {
    bind(**statement, row);
    if (auto done = (*statement)->run(); !done) return done;
  }
  return {};
}

Result<void> write_samples(Database& database, std::int64_t key,
                           const std::vector<Sample>& samples) {
  return write_each(database, "INSERT OR REPLACE INTO sample VALUES(?,?,?,?,?,?,?,?)", samples,
                    [key](Statement& statement, const Sample& sample) {
                      statement.bind(key, sample.channel, sample.span.begin, sample.span.end,
                                     as_joules(sample.energy), as_watts(sample.min),
                                     as_watts(sample.max), spell(sample.quality));
                    });
}

Result<void> write_slots(Database& database, std::int64_t key,
                         const std::vector<ChannelSlot>& slots) {
  return write_each(database, "INSERT OR REPLACE INTO slot VALUES(?,?,?,?,?,?,?,?,?,?,?)", slots,
                    [key](Statement& statement, const ChannelSlot& slot) {
                      statement.bind(key, slot.span.begin, slot.channel, slot.span.end,
                                     spell(slot.state), as_joules(slot.device), slot.covered,
                                     as_watts(slot.lowest), spell(slot.quality),
                                     maybe_text(slot.use), maybe_text(slot.check));
                    });
}

Result<void> write_use(Database& database, std::int64_t key, const std::vector<UseSlot>& use) {
  return write_each(database, "INSERT OR REPLACE INTO use VALUES(?,?,?,?,?,?)", use,
                    [key](Statement& statement, const UseSlot& slot) {
                      statement.bind(key, slot.span.begin, slot.span.end, spell(slot.state),
                                     slot.job_cpu, slot.machine_cpu);
                    });
}

Result<void> write_events(Database& database, std::int64_t key, const std::vector<Event>& events) {
  return write_each(database, "INSERT INTO event VALUES(?,?,?,?)", events,
                    [key](Statement& statement, const Event& event) {
                      statement.bind(key, event.time, event.kind, event.detail);
                    });
}

// The parts of a whole record as one increment.
Increment everything(const RunRecord& run) {
  Increment all;
  for (std::size_t i = 0; i < run.channels.size(); ++i) {
    all.channels.emplace_back(i, run.channels[i]);
  }
  for (std::size_t i = 0; i < run.intensity.size(); ++i) {
    all.intensity.emplace_back(i, run.intensity[i]);
  }
  all.samples = run.samples;
  all.slots = run.slots;
  all.use = run.use;
  all.events = run.events;
  return all;
}

// The waiting row of a run that a plan moves, which has not begun.
Result<std::optional<std::int64_t>> waiting_row(Database& database, const std::string& id) {
  auto statement =
      database.prepare("SELECT key FROM run WHERE id=? AND state='waiting' AND begin_ns IS NULL");
  if (!statement) return tl::unexpected(statement.error());
  const auto row = statement->bind(id).step();
  if (!row) return tl::unexpected(row.error());
  return *row ? std::optional(statement->integer(0)) : std::nullopt;
}

}  // namespace

Result<std::int64_t> put_run_row(Database& database, const RunRecord& run) {
  const auto waiting = waiting_row(database, run.id);
  if (!waiting) return tl::unexpected(waiting.error());
  const auto put = [&](const char* sql, const auto&... last) {
    return database.run(sql, run.id, run.name, run.project, run.parent, map_to_text(run.command),
                        run.host, spell(run.state), maybe_integer(run.exit_status), run.exit_note,
                        run.begin, run.end, run.lives, run.lowtide_version, map_to_text(run.tags),
                        map_to_text(run.counts), to_text(run.machine), to_text(run.options),
                        run.life_of, last...);
  };
  const auto done =
      *waiting
          ? put("UPDATE run SET id=?,name=?,project=?,parent=?,command=?,host=?,state=?,"
                "exit_status=?,exit_note=?,begin_ns=?,end_ns=?,lives=?,lowtide_version=?,tags=?,"
                "counts=?,machine=?,options=?,life_of=? WHERE key=?",
                **waiting)
          : put("INSERT INTO run(id,name,project,parent,command,host,state,exit_status,exit_note,"
                "begin_ns,end_ns,lives,lowtide_version,tags,counts,machine,options,life_of,"
                "submitted_ns) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                run.submitted);
  if (!done) return tl::unexpected(done.error());
  return waiting->value_or(database.last_row());
}

Result<std::optional<std::int64_t>> run_key(Database& database, const std::string& id) {
  auto statement = database.prepare("SELECT key FROM run WHERE id=?");
  if (!statement) return tl::unexpected(statement.error());
  const auto row = statement->bind(id).step();
  if (!row) return tl::unexpected(row.error());
  return *row ? std::optional(statement->integer(0)) : std::nullopt;
}

Result<std::int64_t> Ledger::add(const RunRecord& run, const Keeper& keeper) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  const auto put = put_run_row(database_, run);
  if (!put) return put;
  const std::int64_t key = *put;
  if (auto done = write_keeper(database_, key, keeper); !done) return tl::unexpected(done.error());
  if (auto done = write_rows(key, everything(run)); !done) return tl::unexpected(done.error());
  if (auto done = transaction->commit(); !done) return tl::unexpected(done.error());
  return key;
}

Result<void> Ledger::append(std::int64_t key, const Increment& more, const Keeper& keeper) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  if (auto done = write_rows(key, more); !done) return done;
  if (auto done = write_keeper(database_, key, keeper); !done) return done;
  return transaction->commit();
}

Result<void> Ledger::write_rows(std::int64_t key, const Increment& more) {
  for (const auto& [index, channel] : more.channels) {
    if (auto done = write_channel(database_, key, index, channel); !done) return done;
  }
  if (auto done = write_samples(database_, key, more.samples); !done) return done;
  if (auto done = write_slots(database_, key, more.slots); !done) return done;
  if (auto done = write_use(database_, key, more.use); !done) return done;
  if (auto done = write_events(database_, key, more.events); !done) return done;
  for (const auto& [index, used] : more.intensity) {
    if (auto done = write_intensity(key, index, used); !done) return done;
  }
  if (!more.state) return {};
  return database_.run("UPDATE run SET state=? WHERE key=?", spell(*more.state), key);
}

Result<void> Ledger::write_intensity(std::int64_t key, std::size_t index,
                                     const IntensityUsed& used) {
  if (auto done =
          database_.run("INSERT OR REPLACE INTO intensity VALUES(?,?,?,?,?,?,?)", key, index,
                        used.zone, spell(used.signal), used.source, used.sha256, to_text(used));
      !done) {
    return done;
  }
  if (auto done = database_.run("DELETE FROM intensity_piece WHERE run=? AND series=?", key, index);
      !done) {
    return done;
  }
  return write_each(
      database_, "INSERT INTO intensity_piece VALUES(?,?,?,?,?,?,?)", used.series.pieces(),
      [key, index](Statement& statement, const IntensityPiece& piece) {
        statement.bind(key, index, piece.span.begin, piece.span.end, as_grams_per_kwh(piece.value),
                       spell(piece.quality), std::int64_t{piece.origin});
      });
}

Result<void> Ledger::update(std::int64_t key, const RunRecord& run) {
  return database_.run(
      "UPDATE run SET state=?,exit_status=?,exit_note=?,begin_ns=?,end_ns=?,lives=?,counts=?,"
      "options=?,name=?,project=?,tags=? WHERE key=?",
      spell(run.state), maybe_integer(run.exit_status), run.exit_note, run.begin, run.end,
      run.lives, map_to_text(run.counts), to_text(run.options), run.name, run.project,
      map_to_text(run.tags), key);
}

Result<void> Ledger::coarsen(std::int64_t key, std::size_t channel, Duration width) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  auto select = database_.prepare(
      "SELECT begin_ns,end_ns,energy_j,min_w,max_w,quality FROM sample"
      " WHERE run=? AND channel=? ORDER BY begin_ns");
  if (!select) return tl::unexpected(select.error());
  select->bind(key, channel);
  std::vector<Sample> samples;
  while (true) {
    const auto row = select->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    samples.push_back({channel,
                       {select->utc(0), select->utc(1)},
                       joules(select->real(2)),
                       watts(select->real(3)),
                       watts(select->real(4)),
                       read_word<Quality>(select->text(5)).value_or(Quality::gap)});
  }
  if (auto done = database_.run("DELETE FROM sample WHERE run=? AND channel=?", key, channel);
      !done) {
    return done;
  }
  if (auto done = write_samples(database_, key, coarser(samples, width)); !done) return done;
  return transaction->commit();
}

Result<std::int64_t> Ledger::count_samples(std::int64_t key, std::size_t channel) {
  auto statement = database_.prepare("SELECT count(*) FROM sample WHERE run=? AND channel=?");
  if (!statement) return tl::unexpected(statement.error());
  const auto row = statement->bind(key, channel).step();
  if (!row) return tl::unexpected(row.error());
  return statement->integer(0);
}

Result<bool> Ledger::claim(std::int64_t key, const Keeper& keeper, int meter_before) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  const auto now = this->keeper(key);
  if (!now) return tl::unexpected(now.error());
  if (now->meter_pid != meter_before) return false;
  if (auto done = write_keeper(database_, key, keeper); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = transaction->commit(); !done) return tl::unexpected(done.error());
  return true;
}

}  // namespace lowtide::record
