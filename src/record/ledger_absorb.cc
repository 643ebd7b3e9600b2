// Runs of another ledger's file, copied.
#include <fmt/format.h>

#include <sstream>
#include <string>

#include "record/ledger.h"
#include "record/ledger_tables.h"

namespace lowtide::record {
namespace {

// The rows of one table, in the place of those that are there.
Result<void> copy_table(Database& database, const RunTable& table, const char* which) {
  return database.execute(
      fmt::format("DELETE FROM main.{0} WHERE run IN (SELECT ours FROM taken WHERE {2});"
                  "INSERT INTO main.{0}(run,{1}) SELECT ours,{1} FROM spooled.{0}"
                  " JOIN taken ON theirs=run WHERE {2}",
                  table.name, table.columns, which)
          .c_str());
}

// "name=excluded.name,.." of all columns; of the times when a run was submitted the first is kept:
// that of a run that waited, whose life was written elsewhere, is its own.
std::string replaced_columns() {
  std::string all;
  std::istringstream columns(kRunColumns);
  for (std::string name; std::getline(columns, name, ',');) {
    const bool first = name == "submitted_ns";
    all += (all.empty() ? "" : ",") + name + "=";
    all += first ? "min(run.submitted_ns,excluded.submitted_ns)" : "excluded." + name;
  }
  return all;
}

Result<void> copy_all(Database& database) {
  const std::string columns = kRunColumns;
  // A run that was taken in before keeps its key and is replaced as a whole.
  auto done = database.execute(
      "CREATE TEMP TABLE taken AS SELECT spooled.run.key AS theirs,"
      " coalesce(main.run.key, (SELECT coalesce(max(key),0) FROM main.run) +"
      " row_number() OVER (ORDER BY spooled.run.key)) AS ours,"
      " EXISTS(SELECT 1 FROM spooled.act WHERE spooled.act.run=spooled.run.key) AS moved"
      " FROM spooled.run LEFT JOIN main.run USING (id);"
      "DELETE FROM main.keeper WHERE run IN (SELECT ours FROM taken)");
  if (!done) return done;
  done = database.execute(("INSERT INTO main.run(key," + columns + ") SELECT ours," + columns +
                           " FROM spooled.run JOIN taken ON theirs=key WHERE true"
                           " ON CONFLICT(key) DO UPDATE SET " +
                           replaced_columns())
                              .c_str());
  for (const RunTable& table : kRunTables) {
    if (done) done = copy_table(database, table, "true");
  }
  for (const RunTable& table : kActTables) {
    if (done) done = copy_table(database, table, "moved");
  }
  if (!done) return done;
  return database.execute("DROP TABLE taken");
}

}  // namespace

Result<void> Ledger::absorb(const std::string& file) {
  if (auto done = database_.run("ATTACH ?1 AS spooled", file); !done) return done;
  Result<void> copied;
  {
    auto transaction = Transaction::begin(database_);
    copied = transaction ? copy_all(database_) : tl::unexpected(transaction.error());
    if (copied) copied = transaction->commit();
  }
  const auto left = database_.execute("DETACH spooled");
  return copied ? left : copied;
}

}  // namespace lowtide::record
