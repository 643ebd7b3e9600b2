// The rows of one record: its lives and ranks, and the record that they make together.
#include <utility>

#include "record/ledger.h"
#include "series/merge_lives.h"

namespace lowtide::record {

Result<std::vector<std::int64_t>> Ledger::lives_of(std::int64_t key) {
  auto statement = database_.prepare(
      "SELECT run.key FROM run, (SELECT iif(life_of='',id,life_of) AS record FROM run WHERE key=?1)"
      " WHERE run.id=record OR (run.life_of<>'' AND run.life_of=record)"
      " ORDER BY run.life_of<>'',run.submitted_ns,run.key");
  if (statement) statement->bind(key);
  if (!statement) return tl::unexpected(statement.error());
  std::vector<std::int64_t> keys;
  while (true) {
    const auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return keys;
    keys.push_back(statement->integer(0));
  }
}

Result<RunRecord> Ledger::whole(std::int64_t key, bool with_samples) {
  const auto keys = lives_of(key);
  if (!keys) return tl::unexpected(keys.error());
  if (keys->empty()) return fail(ErrorKind::absent, "no such run", database_.path());
  std::vector<RunRecord> lives;
  for (const std::int64_t life : *keys) {
    // The samples say where in a slot the energy lies, where lives meet inside one.
    auto run = load(life, with_samples || keys->size() > 1);
    if (!run) return run;
    lives.push_back(std::move(*run));
  }
  if (lives.size() == 1 && lives.front().life_of.empty()) return std::move(lives.front());
  RunRecord merged = merge_lives(std::move(lives));
  if (!with_samples) merged.samples.clear();
  return merged;
}

}  // namespace lowtide::record
