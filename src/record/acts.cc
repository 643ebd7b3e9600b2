#include "record/acts.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "record/ledger_file.h"
#include "record/ledger_rows.h"
#include "record/ledger_text.h"

namespace lowtide::record {

using host::Database;
using host::Statement;
using host::Transaction;

namespace {

using nlohmann::json;

std::optional<double> maybe_seconds(const std::optional<Duration>& length) {
  if (!length) return std::nullopt;
  return as_seconds(*length);
}

std::optional<Duration> maybe_length(const Statement& row, int column) {
  const auto length = row.maybe_real(column);
  if (!length) return std::nullopt;
  return seconds(*length);
}

std::optional<double> maybe_grams(const std::optional<Carbon>& carbon) {
  if (!carbon) return std::nullopt;
  return as_grams(*carbon);
}

std::optional<Carbon> maybe_carbon(const Statement& row, int column) {
  const auto value = row.maybe_real(column);
  if (!value) return std::nullopt;
  return grams(*value);
}

// [begin_ns, end_ns] each.
std::string spans_text(const std::vector<Interval>& spans) {
  json all = json::array();
  for (const Interval& span : spans) {
    all.push_back({span.begin.time_since_epoch().count(), span.end.time_since_epoch().count()});
  }
  return all.dump();
}

std::vector<Interval> spans_of(const std::string& text) {
  const json all = json::parse(text, nullptr, false);
  std::vector<Interval> spans;
  if (!all.is_array()) return spans;
  for (const json& row : all) {
    const bool span = row.is_array() && row.size() == 2 && row[0].is_number_integer() &&
                      row[1].is_number_integer();
    if (!span) continue;
    const auto time = [&](int i) { return Utc(Duration(row[i].get<std::int64_t>())); };
    spans.push_back({time(0), time(1)});
  }
  return spans;
}

template <typename... Args>
Result<Statement> query(Database& database, std::string_view sql, const Args&... args) {
  auto statement = database.prepare(sql);
  if (statement) statement->bind(args...);
  return statement;
}

// What `read` makes of each row.
template <typename Read>
auto all_rows(Result<Statement> statement, Read read)
    -> Result<std::vector<decltype(read(*statement))>> {
  if (!statement) return tl::unexpected(statement.error());
  std::vector<decltype(read(*statement))> all;
  while (true) {
    const auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return all;
    all.push_back(read(*statement));
  }
}

constexpr const char* kActColumns =
    "SELECT id,act.host,standing,act.state,about,changed_ns FROM act JOIN run ON key=run ";

Act act_of(const Statement& row) {
  // A word that a later lowtide wrote: whatever the lives say.
  return {row.text(0), row.text(1), read_word<Standing>(row.text(2)).value_or(Standing::runs),
          row.text(3), row.text(4), row.utc(5)};
}

KeptPlan plan_of(const Statement& row) {
  KeptPlan plan{row.utc(0),  row.text(1),  row.real(2),          spans_of(row.text(3)),
                row.text(4), std::nullopt, maybe_carbon(row, 6), maybe_carbon(row, 7)};
  if (row.is_null(5)) return plan;
  if (auto series = series_from_text(row.text(5))) plan.forecast = std::move(*series);
  return plan;
}

Learnt learnt_of(const Statement& row) {
  Learnt learnt{row.text(0),          row.text(1),          row.utc(2),  maybe_length(row, 3),
                maybe_length(row, 4), maybe_length(row, 5), std::nullopt};
  if (const auto energy = row.maybe_real(6)) learnt.resume_energy = joules(*energy);
  return learnt;
}

Result<std::int64_t> key_of(Database& database, const std::string& run) {
  const auto key = run_key(database, run);
  if (!key) return tl::unexpected(key.error());
  if (*key) return **key;
  return fail(ErrorKind::absent, "is not in the ledger " + database.path(), run,
              "`lowtide runs` lists what is");
}

Result<void> put_act(Database& database, std::int64_t key, const Act& act) {
  return database.run("INSERT OR REPLACE INTO act VALUES(?,?,?,?,?,?)", key, act.host,
                      spell(act.standing), act.state, act.about, act.changed);
}

Result<void> add_transition(Database& database, std::int64_t key, const Transition& transition) {
  return database.run(
      "INSERT INTO act_transition SELECT ?1,coalesce(max(number),0)+1,?2,?3,?4,?5"
      " FROM act_transition WHERE run=?1",
      key, transition.time, transition.changes, transition.phase, transition.detail);
}

// A run that is over and never began has no life that would say so: its row does.
Result<void> close_waiting(Database& database, std::int64_t key, const Act& act) {
  if (act.standing != Standing::cancelled && act.standing != Standing::done) return {};
  const bool cancelled = act.standing == Standing::cancelled;
  return database.run(
      "UPDATE run SET state=?,exit_note=?,end_ns=? WHERE key=? AND begin_ns IS NULL"
      " AND state='waiting'",
      spell(cancelled ? RunState::cancelled : RunState::interrupted),
      cancelled ? "it was cancelled before it began" : "it never began", act.changed, key);
}

Result<Acts> opened(Result<Database> database, Acts (*made)(Database)) {
  if (!database) return tl::unexpected(database.error());
  return made(std::move(*database));
}

}  // namespace

Result<Acts> Acts::open(const std::string& ledger_path) {
  auto database = open_ledger_file(ledger_path);
  // What is done next, a job stopped or started, cannot be taken back by a lost page.
  if (database) {
    if (auto set = database->execute("PRAGMA synchronous=FULL"); !set) {
      return tl::unexpected(set.error());
    }
  }
  return opened(std::move(database), [](Database it) { return Acts(std::move(it)); });
}

Result<Acts> Acts::open_to_read(const std::string& ledger_path) {
  return opened(open_ledger_file_to_read(ledger_path),
                [](Database it) { return Acts(std::move(it)); });
}

Result<void> Acts::begin(const RunRecord& run, const Act& act, const Transition& first) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  const auto there = run_key(database_, run.id);
  if (!there) return tl::unexpected(there.error());
  if (*there) return fail(ErrorKind::internal, "is in the ledger already", run.id);
  RunRecord waiting = run;
  waiting.state = RunState::waiting;
  waiting.begin.reset();
  waiting.end.reset();
  waiting.lives = 0;
  const auto key = put_run_row(database_, waiting);
  if (!key) return tl::unexpected(key.error());
  if (auto done = put_act(database_, *key, act); !done) return done;
  if (auto done = add_transition(database_, *key, first); !done) return done;
  return transaction->commit();
}

Result<void> Acts::write(const Act& act, const Transition& transition) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  const auto key = key_of(database_, act.run);
  if (!key) return tl::unexpected(key.error());
  if (auto done = put_act(database_, *key, act); !done) return done;
  if (auto done = add_transition(database_, *key, transition); !done) return done;
  if (auto done = close_waiting(database_, *key, act); !done) return done;
  return transaction->commit();
}

Result<void> Acts::add_plan(const std::string& run, const KeptPlan& plan) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  const auto key = key_of(database_, run);
  if (!key) return tl::unexpected(key.error());
  std::optional<std::string> forecast;
  if (plan.forecast) forecast = to_text(*plan.forecast);
  const auto done = database_.run(
      "INSERT INTO act_plan SELECT ?1,coalesce(max(number),0)+1,?2,?3,?4,?5,?6,?7,?8,?9"
      " FROM act_plan WHERE run=?1",
      *key, plan.made, plan.why, plan.saving, spans_text(plan.runs), plan.basis, forecast,
      maybe_grams(plan.cost), maybe_grams(plan.cost_now));
  return done ? transaction->commit() : done;
}

Result<void> Acts::learn(const std::string& run, const Learnt& learnt) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  const auto key = key_of(database_, run);
  if (!key) return tl::unexpected(key.error());
  std::optional<double> energy;
  if (learnt.resume_energy) energy = as_joules(*learnt.resume_energy);
  const auto done = database_.run(
      "INSERT INTO act_learnt SELECT ?1,coalesce(max(number),0)+1,?2,?3,?4,?5,?6,?7,?8"
      " FROM act_learnt WHERE run=?1",
      *key, learnt.name, learnt.manner, learnt.when, maybe_seconds(learnt.save_takes),
      maybe_seconds(learnt.resume_takes), maybe_seconds(learnt.redone), energy);
  return done ? transaction->commit() : done;
}

Result<std::optional<Act>> Acts::find(const std::string& run) {
  auto found = all_rows(query(database_, std::string(kActColumns) + "WHERE id=?", run), act_of);
  if (!found) return tl::unexpected(found.error());
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Result<std::vector<Act>> Acts::open_ones(const std::string& host) {
  return all_rows(query(database_,
                        std::string(kActColumns) +
                            "WHERE standing IN ('waiting','runs','paused') AND act.host=?"
                            " ORDER BY submitted_ns,key",
                        host),
                  act_of);
}

Result<std::vector<Transition>> Acts::transitions(const std::string& run) {
  return all_rows(query(database_,
                        "SELECT time_ns,changes,phase,detail FROM act_transition"
                        " WHERE run=(SELECT key FROM run WHERE id=?) ORDER BY number",
                        run),
                  [](const Statement& row) {
                    return Transition{row.utc(0), row.text(1), row.text(2), row.text(3)};
                  });
}

Result<std::vector<KeptPlan>> Acts::plans(const std::string& run) {
  return all_rows(query(database_,
                        "SELECT made_ns,why,saving,runs,basis,forecast,cost_g,cost_now_g"
                        " FROM act_plan WHERE run=(SELECT key FROM run WHERE id=?)"
                        " ORDER BY number",
                        run),
                  plan_of);
}

Result<std::vector<Learnt>> Acts::learnt(std::string_view name, std::string_view manner,
                                         std::int64_t newest) {
  return all_rows(query(database_,
                        "SELECT name,manner,time_ns,save_takes_s,resume_takes_s,redone_s,"
                        "resume_energy_j FROM act_learnt WHERE name=? AND manner=?"
                        " ORDER BY time_ns DESC,run DESC,number DESC LIMIT ?",
                        name, manner, newest),
                  learnt_of);
}

Result<void> Acts::add_event(const std::string& run, const Event& event) {
  const auto key = key_of(database_, run);
  if (!key) return tl::unexpected(key.error());
  return database_.run("INSERT INTO event VALUES(?,?,?,?)", *key, event.time, event.kind,
                       event.detail);
}

}  // namespace lowtide::record
