// Runs of another ledger's file, copied.
#include <array>
#include <string>

#include "record/ledger.h"

namespace lowtide::record {
namespace {

struct Table {
  const char* name;
  const char* columns;  // all but `run`
};

// All that hangs on a run but `keeper`: where a run is written, there it is kept.
constexpr std::array<Table, 7> kTables{{
    {"channel", "channel,id,kind,name,uuid,source,in_total,idle_w,errors,note"},
    {"sample", "channel,begin_ns,end_ns,energy_j,min_w,max_w,quality"},
    {"slot", "begin_ns,channel,end_ns,state,device_j,covered_ns,lowest_w,quality"},
    {"use", "begin_ns,end_ns,state,job_cpu_ns,machine_cpu_ns"},
    {"intensity", "series,zone,signal,source,sha256,about"},
    {"intensity_piece", "series,begin_ns,end_ns,g_per_kwh,quality"},
    {"event", "time_ns,kind,detail"},
}};
constexpr const char* kRunColumns =
    "id,name,project,parent,command,host,state,exit_status,exit_note,submitted_ns,begin_ns,end_ns,"
    "lives,lowtide_version,tags,counts,machine,options";

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
  for (const Table& table : kTables) {
    if (!done) return done;
    const std::string name = table.name;
    const std::string rest = table.columns;
    done = database.execute(("INSERT INTO main." + name + "(run," + rest + ") SELECT ours," + rest +
                             " FROM spooled." + name + " JOIN taken ON theirs=run")
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
