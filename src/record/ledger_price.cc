// The intensity of a run that has ended, replaced by what is known by now; the old one is kept.
#include <string>
#include <utility>

#include "record/ledger.h"
#include "record/ledger_text.h"

namespace lowtide::record {

Result<void> Ledger::reprice(std::int64_t key, const std::vector<IntensityUsed>& now,
                             const Event& said) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  const auto run = load(key, false);
  if (!run) return tl::unexpected(run.error());
  for (std::size_t i = 0; i < run->intensity.size(); ++i) {
    const IntensityUsed& old = run->intensity[i];
    auto kept = database_.run("INSERT INTO intensity_past VALUES(?,?,?,?,?,?,?,?,?)", key,
                              said.time, i, old.zone, spell(old.signal), old.source, old.sha256,
                              to_text(old), to_text(old.series));
    if (!kept) return kept;
  }
  for (const char* table :
       {"DELETE FROM intensity WHERE run=?", "DELETE FROM intensity_piece WHERE run=?"}) {
    if (auto done = database_.run(table, key); !done) return done;
  }
  Increment more;
  more.events = {said};
  for (std::size_t i = 0; i < now.size(); ++i) more.intensity.emplace_back(i, now[i]);
  if (auto done = write_rows(key, more); !done) return done;
  return transaction->commit();
}

Result<std::vector<Ledger::Replaced>> Ledger::past_intensity(std::int64_t key) {
  auto statement = database_.prepare(
      "SELECT replaced_ns,zone,signal,source,sha256,about,pieces FROM intensity_past WHERE run=?"
      " ORDER BY replaced_ns DESC,series");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(key);
  std::vector<Replaced> all;
  while (true) {
    const auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return all;
    Replaced& one = all.emplace_back();
    one.at = statement->utc(0);
    one.used.zone = statement->text(1);
    one.used.signal = read_word<Signal>(statement->text(2)).value_or(Signal::average);
    one.used.source = statement->text(3);
    one.used.sha256 = statement->text(4);
    from_text(statement->text(5), one.used);
    auto series = series_from_text(statement->text(6));
    if (!series) return tl::unexpected(series.error());
    one.used.series = std::move(*series);
  }
}

Result<std::vector<std::int64_t>> Ledger::provisional() {
  auto statement = database_.prepare(
      "SELECT DISTINCT run FROM intensity JOIN run ON run.key=intensity.run"
      " WHERE json_extract(iif(json_valid(about),about,'{}'),'$.provisional')=1"
      " AND state NOT IN ('running','waiting','paused') ORDER BY run");
  if (!statement) return tl::unexpected(statement.error());
  std::vector<std::int64_t> keys;
  while (true) {
    const auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return keys;
    keys.push_back(statement->integer(0));
  }
}

}  // namespace lowtide::record
