// The rows of one record: its lives and ranks, and the record that they make together.
#include <utility>

#include "host/clock.h"
#include "record/acts.h"
#include "record/ledger.h"
#include "series/merge_lives.h"
#include "series/standing.h"

namespace lowtide::record {
namespace {

// What the plan that moves the record says of it.
struct ActStanding {
  Standing standing = Standing::runs;
  bool at_rest = false;  // before its last transition no life was there
};

// Absent: no plan moves it.
Result<std::optional<ActStanding>> standing_of(Database& database, const std::string& record) {
  auto statement = database.prepare(
      "SELECT standing,(SELECT phase FROM act_transition WHERE act_transition.run=act.run"
      " ORDER BY number DESC LIMIT 1 OFFSET 1) FROM act JOIN run ON run.key=act.run WHERE "
      "run.id=?");
  if (!statement) return tl::unexpected(statement.error());
  const auto row = statement->bind(record).step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::nullopt;
  return ActStanding{read_word<Standing>(statement->text(0)).value_or(Standing::runs),
                     statement->text(1) == "paused"};
}

// As listings and reports say it; absent: what its lives say.
std::optional<RunState> state_of(Standing standing) {
  if (standing == Standing::waiting) return RunState::waiting;
  if (standing == Standing::paused) return RunState::paused;
  if (standing == Standing::cancelled) return RunState::cancelled;
  return std::nullopt;
}

RunRecord merged(std::vector<RunRecord> lives) {
  if (lives.size() == 1 && lives.front().life_of.empty()) return std::move(lives.front());
  return merge_lives(std::move(lives));
}

Result<std::vector<RunRecord>> load_all(Ledger& ledger, const std::vector<std::int64_t>& keys,
                                        bool with_samples) {
  std::vector<RunRecord> lives;
  for (const std::int64_t life : keys) {
    auto run = ledger.load(life, with_samples);
    if (!run) return tl::unexpected(run.error());
    lives.push_back(std::move(*run));
  }
  return lives;
}

}  // namespace

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
  // The samples say where in a slot the energy lies, where lives meet inside one.
  auto lives = load_all(*this, *keys, with_samples || keys->size() > 1);
  if (!lives) return tl::unexpected(lives.error());
  const auto standing = standing_of(database_, record_id(lives->front()));
  if (!standing) return tl::unexpected(standing.error());
  for (RunRecord& life : *lives) life.moved = standing->has_value();
  RunRecord whole = merged(std::move(*lives));
  if (!with_samples && keys->size() > 1) whole.samples.clear();
  if (*standing) {
    stand(whole, state_of((*standing)->standing), host::SystemClock().utc(), (*standing)->at_rest);
  }
  return whole;
}

}  // namespace lowtide::record
