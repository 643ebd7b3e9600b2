// Runs of another ledger's file, copied.
#include <fmt/format.h>

#include <string>

#include "record/ledger.h"
#include "record/ledger_tables.h"

namespace lowtide::record {
namespace {

Result<void> copy_all(Database& database) {
  const std::string columns = kRunColumns;
  // A run that was taken in before keeps its key and is replaced as a whole.
  auto done = database.execute(
      "CREATE TEMP TABLE taken AS SELECT spooled.run.key AS theirs,"
      " coalesce(main.run.key, (SELECT coalesce(max(key),0) FROM main.run) +"
      " row_number() OVER (ORDER BY spooled.run.key)) AS ours"
      " FROM spooled.run LEFT JOIN main.run USING (id);"
      "DELETE FROM main.run WHERE key IN (SELECT ours FROM taken);");
  if (!done) return done;
  done = database.execute(("INSERT INTO main.run(key," + columns + ") SELECT ours," + columns +
                           " FROM spooled.run JOIN taken ON theirs=key")
                              .c_str());
  for (const RunTable& table : kRunTables) {
    if (!done) return done;
    done = database.execute(
        fmt::format("INSERT INTO main.{0}(run,{1}) SELECT ours,{1} FROM spooled.{0}"
                    " JOIN taken ON theirs=run",
                    table.name, table.columns)
            .c_str());
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
