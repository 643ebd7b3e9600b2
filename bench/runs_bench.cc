// How long a listing takes when the ledger holds 100,000 runs, from the shell's point of view.
//
// Usage: runs_bench LOWTIDE FOLDER [ROUNDS]. Writes one run with lowtide's own ledger and copies
// its rows in SQL, one transaction; every hundredth run is of the project `P`. Then times `runs`,
// `runs --json --limit 50` and `runs --project P`. The reference is the same `runs` on a ledger of
// 100 runs, in the same round: what does not grow with the ledger shows in it.
#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "long_run.h"
#include "record/ledger.h"
#include "record/sqlite.h"
#include "timed.h"

namespace lowtide::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kGoalMs = 100;
constexpr int kFew = 100;
constexpr int kMany = 100'000;

struct Candidate {
  std::string name;
  fs::path home;
  std::vector<std::string> command;
  std::vector<double> wall_ms;
};

// An hour of one GPU.
RunRecord hour_run() {
  RunRecord run = long_run("bench0", 0);
  run.end = *run.begin + std::chrono::hours(1);
  run.channels.resize(1);
  for (Utc at = *run.begin; at < *run.end; at += kSlot) {
    const Interval span{at, at + kSlot};
    run.slots.push_back(
        {0, span, RunState::running, watts(300) * kSlot, kSlot, watts(270), Quality::measured});
    run.use.push_back({span, RunState::running, 8 * kSlot, 9 * kSlot});
  }
  run.intensity = {hourly_intensity({*run.begin, *run.end})};
  return run;
}

// `table` for each run 2 to `runs` as it is for run 1; `columns` are all but the run's key.
std::string copies(const std::string& table, const std::string& columns, int runs) {
  return fmt::format(
      "WITH RECURSIVE n(k) AS (SELECT 2 UNION ALL SELECT k+1 FROM n WHERE k<{2})"
      " INSERT INTO {0}(run,{1}) SELECT k,{1} FROM n CROSS JOIN {0} WHERE run=1;",
      table, columns, runs);
}

bool write_ledger(const fs::path& home, int runs) {
  const std::string path = home / "ledger.db";
  {
    auto ledger = record::Ledger::open(path);
    if (!ledger || !ledger->add(hour_run(), {})) return false;
  }
  const std::string sql =
      fmt::format(
          "BEGIN; WITH RECURSIVE n(k) AS (SELECT 2 UNION ALL SELECT k+1 FROM n WHERE k<{})"
          " INSERT INTO run SELECT k,printf('b%07x',k),'bench-'||(k%97),iif(k%100,'Q','P'),parent,"
          "command,host,state,exit_status,exit_note,submitted_ns+k*60000000000,begin_ns,end_ns,"
          "lives,lowtide_version,tags,counts,machine,options FROM n CROSS JOIN run WHERE key=1;",
          runs) +
      copies("channel", "channel,id,kind,name,uuid,source,in_total,idle_w,errors,note", runs) +
      copies("slot", "begin_ns,channel,end_ns,state,device_j,covered_ns,lowest_w,quality", runs) +
      copies("use", "begin_ns,end_ns,state,job_cpu_ns,machine_cpu_ns", runs) +
      copies("intensity", "series,zone,signal,source,sha256,about", runs) +
      copies("intensity_piece", "series,begin_ns,end_ns,g_per_kwh,quality", runs) + "COMMIT;";
  auto database = record::Database::open(path, record::Database::Access::read_write);
  if (!database || !database->execute(sql.c_str())) return false;
  return database->integer("SELECT count(*) FROM run").value_or(0) == runs &&
         database->integer("SELECT count(DISTINCT run) FROM slot").value_or(0) == runs;
}

bool measure_once(std::vector<Candidate>& all, bool keep) {
  for (Candidate& candidate : all) {
    setenv("LOWTIDE_HOME", candidate.home.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    const Timed timed = run_timed(candidate.command);
    if (timed.status != 0) {
      fmt::print(stderr, "bench: '{}' failed\n", candidate.name);
      return false;
    }
    if (keep) candidate.wall_ms.push_back(timed.wall_ms);
  }
  return true;
}

int measure(const std::string& lowtide, const fs::path& folder, int rounds) {
  fs::remove_all(folder);
  if (!write_ledger(folder / "many", kMany) || !write_ledger(folder / "few", kFew)) {
    fmt::print(stderr, "bench: the ledger cannot be written in {}\n", folder.string());
    return 1;
  }
  std::vector<Candidate> all{
      {"runs, 100 runs", folder / "few", {lowtide, "runs"}, {}},
      {"runs", folder / "many", {lowtide, "runs"}, {}},
      {"runs --json --limit 50", folder / "many", {lowtide, "runs", "--json", "--limit", "50"}, {}},
      {"runs --project P", folder / "many", {lowtide, "runs", "--project", "P"}, {}},
  };
  for (int i = -1; i < rounds; ++i) {
    if (!measure_once(all, i >= 0)) return 1;
  }
  fmt::print("a listing of a ledger of {} runs, wall-clock time\n", kMany);
  for (const Candidate& candidate : all) print_spread(candidate.name, candidate.wall_ms, "ms");
  const double few = median(all[0].wall_ms);
  for (std::size_t i = 1; i < all.size(); ++i) {
    const double value = median(all[i].wall_ms);
    fmt::print("  {}: {:.1f} ms (goal: under {:g} ms: {}), {:.2f} times that of {} runs\n",
               all[i].name, value, kGoalMs, value < kGoalMs ? "met" : "missed", value / few, kFew);
  }
  fs::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace lowtide::bench

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: runs_bench LOWTIDE FOLDER [ROUNDS]\n");
    return 2;
  }
  return lowtide::bench::measure(argv[1], argv[2], argc > 3 ? std::max(1, std::atoi(argv[3])) : 10);
}
