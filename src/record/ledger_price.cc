// The intensity of a run that has ended, replaced by what is known by now; the old one is kept.
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "record/ledger.h"
#include "record/ledger_text.h"

namespace lowtide::record {
namespace {

using nlohmann::json;

// [begin_ns, end_ns, g_per_kwh, quality, origin] each.
std::string pieces_text(const IntensitySeries& series) {
  json all = json::array();
  for (const IntensityPiece& piece : series.pieces()) {
    all.push_back({piece.span.begin.time_since_epoch().count(),
                   piece.span.end.time_since_epoch().count(), as_grams_per_kwh(piece.value),
                   spell(piece.quality), piece.origin});
  }
  return all.dump();
}

Result<IntensitySeries> series_of(const std::string& text) {
  const json all = json::parse(text, nullptr, false);
  std::vector<IntensityPiece> pieces;
  if (!all.is_array()) return IntensitySeries::from({});
  for (const json& row : all) {
    if (!row.is_array() || row.size() != 5) continue;
    const auto time = [&](int i) { return Utc(Duration(row[i].get<std::int64_t>())); };
    pieces.push_back({{time(0), time(1)},
                      grams_per_kwh(row[2].get<double>()),
                      read_word<Quality>(row[3].get<std::string>()).value_or(Quality::gap),
                      row[4].get<std::uint32_t>()});
  }
  return IntensitySeries::from(std::move(pieces));
}

}  // namespace

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
                              to_text(old), pieces_text(old.series));
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
    auto series = series_of(statement->text(6));
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
