#include "app/watch_runs.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "app/paths.h"
#include "host/proc.h"
#include "record/spool.h"

namespace lowtide::app {
namespace {

using record::Keeper;

bool meter_lives(const Keeper& keeper) {
  return keeper.boot_id == host::boot_id() && host::is_alive(keeper.meter_pid, keeper.meter_start);
}

bool guard_lives(const Keeper& keeper) {
  return keeper.boot_id == host::boot_id() && keeper.supervisor_pid != 0 &&
         host::is_alive(keeper.supervisor_pid, keeper.supervisor_start);
}

bool is_open(RunState state) { return state == RunState::running; }

// Makes it ours and running again; false when somebody else was faster.
bool claim(const WatchRun& found) {
  auto ledger = record::Ledger::open(found.ledger_path);
  if (!ledger) return false;
  auto run = ledger->load(found.line.key, false);
  if (!run) return false;
  Keeper keeper = found.keeper;
  keeper.meter_pid = getpid();
  if (const auto self = host::process_stat(getpid())) keeper.meter_start = self->start_ticks;
  const auto claimed = ledger->claim(found.line.key, keeper, found.keeper.meter_pid);
  if (!claimed || !*claimed) return false;
  run->state = RunState::running;
  run->end.reset();
  run->exit_note.clear();
  return ledger->update(found.line.key, *run).has_value();
}

}  // namespace

std::vector<WatchRun> watches_of(const std::string& subject) {
  std::vector<WatchRun> all;
  std::vector<std::string> paths = record::spooled_files(ledger_path(), side_folders());
  paths.push_back(ledger_path());
  for (const std::string& path : paths) {
    auto ledger = record::Ledger::open_to_read(path);
    const auto lines =
        ledger ? ledger->watched(subject, host::host_name()) : tl::unexpected(ledger.error());
    if (!lines) continue;
    for (const record::RunLine& line : *lines) {
      // Without a keeper it is a copy: the run itself is in the spool.
      if (const auto keeper = ledger->keeper(line.key)) {
        const bool kept = is_open(line.state) && (meter_lives(*keeper) || guard_lives(*keeper));
        all.push_back({path, line, *keeper, kept});
      }
    }
  }
  std::sort(all.begin(), all.end(), [](const WatchRun& a, const WatchRun& b) {
    return a.line.submitted > b.line.submitted;
  });
  return all;
}

std::vector<record::Unfinished> claim_unfinished(const std::string& subject) {
  std::vector<record::Unfinished> claimed;
  for (const WatchRun& run : watches_of(subject)) {
    const bool unfinished = is_open(run.line.state) || run.line.state == RunState::interrupted;
    const bool ours = run.keeper.boot_id == host::boot_id() && !meter_lives(run.keeper);
    if (!unfinished || !ours || !claim(run)) break;  // what is older had its end
    claimed.push_back({run.ledger_path, run.line.key});
    // An interrupted one has come to its end, at which an older one stands finished.
    if (run.line.state == RunState::interrupted) break;
  }
  std::reverse(claimed.begin(), claimed.end());
  return claimed;
}

bool stop_watch(const WatchRun& run) {
  if (!run.kept) return false;
  kill(guard_lives(run.keeper) ? run.keeper.supervisor_pid : run.keeper.meter_pid, SIGTERM);
  for (int i = 0; i < 1000; ++i) {
    if (!meter_lives(run.keeper)) return true;
    usleep(10'000);
  }
  return false;
}

}  // namespace lowtide::app
