// What may be done to a run that has ended.
#include <algorithm>
#include <string>
#include <utility>

#include "record/ledger.h"

namespace lowtide::record {
namespace {

// Who is to be ended, as a command.
std::string how_to_end(const Result<Keeper>& keeper, const std::string& host) {
  if (!keeper) return "wait until it ends on " + host;
  const int pid = keeper->job_pid != 0          ? keeper->job_pid
                  : keeper->supervisor_pid != 0 ? keeper->supervisor_pid
                                                : keeper->meter_pid;
  return "wait until it ends, or stop it first: kill " + std::to_string(pid);
}

}  // namespace

Result<RunLine> Ledger::ended(const std::string& id) {
  const auto found = by_id(id);
  if (!found) return tl::unexpected(found.error());
  const auto line = std::find_if(found->begin(), found->end(),
                                 [&](const RunLine& candidate) { return candidate.id == id; });
  if (line == found->end()) return fail(ErrorKind::usage, "is no longer in the ledger", id);
  const auto open = open_records();
  if (!open) return tl::unexpected(open.error());
  const auto life = std::find_if(open->begin(), open->end(),
                                 [&](const RunLine& candidate) { return candidate.id == id; });
  if (life == open->end()) return *line;
  if (life->state == RunState::waiting || life->state == RunState::paused) {
    return fail(ErrorKind::usage, "is " + std::string(spell(life->state)) + ", as it was planned",
                id, "wait until it ends, or end it first: lowtide cancel " + id);
  }
  return fail(ErrorKind::usage,
              "is " + std::string(spell(life->state)) + ", and its meter still writes it", id,
              how_to_end(keeper(life->key), host_of(life->key).value_or("its machine")));
}

Result<void> Ledger::edit(const std::string& id,
                          const std::function<Result<void>(RunRecord&)>& change) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  const auto line = ended(id);
  if (!line) return tl::unexpected(line.error());
  auto run = whole(line->key, false);
  if (!run) return tl::unexpected(run.error());
  const RunRecord before = *run;
  if (auto done = change(*run); !done) return done;
  if (auto done = write_change(line->key, before, *run); !done) return done;
  return transaction->commit();
}

Result<void> Ledger::write_change(std::int64_t key, const RunRecord& before,
                                  const RunRecord& after) {
  const auto keys = lives_of(key);
  if (!keys) return tl::unexpected(keys.error());
  // The counts of a record are the sum of its lives': new ones are written once.
  auto counts = after.counts;
  for (const std::int64_t each : *keys) {
    auto life = load(each, false);
    if (!life) return tl::unexpected(life.error());
    life->name = after.name;
    life->project = after.project;
    life->tags = after.tags;
    if (after.counts != before.counts) life->counts = std::exchange(counts, {});
    if (auto done = update(each, *life); !done) return done;
  }
  Increment more;
  more.events.assign(after.events.begin() + static_cast<std::ptrdiff_t>(before.events.size()),
                     after.events.end());
  return write_rows(keys->front(), more);
}

Result<void> Ledger::remove(const std::vector<std::string>& ids) {
  // What a run held, its command line too, is not to be found in the file afterwards.
  if (auto set = database_.execute("PRAGMA secure_delete=ON"); !set) return set;
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  for (const std::string& id : ids) {
    const auto line = ended(id);
    if (!line) return tl::unexpected(line.error());
    const auto keys = lives_of(line->key);
    if (!keys) return tl::unexpected(keys.error());
    for (const std::int64_t key : *keys) {
      if (auto done = database_.run("DELETE FROM run WHERE key=?", key); !done) return done;
    }
  }
  return transaction->commit();
}

Result<Space> Ledger::reclaim() {
  const auto bytes = [&](const char* pragma) {
    return database_.integer(pragma).value_or(0) *
           database_.integer("PRAGMA page_size").value_or(0);
  };
  const std::int64_t before = bytes("PRAGMA page_count");
  const auto open = unfinished();
  Result<void> packed;
  if (open && open->empty() && before <= kCheapToPack) packed = database_.execute("VACUUM");
  // Of the log too; what another reader still needs of it goes when the last one closes.
  static_cast<void>(database_.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  if (!packed) return tl::unexpected(packed.error());
  return Space{before - bytes("PRAGMA page_count"), bytes("PRAGMA freelist_count")};
}

}  // namespace lowtide::record
