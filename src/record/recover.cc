#include "record/recover.h"

#include <unistd.h>

#include <utility>

#include "host/clock.h"
#include "host/proc.h"

namespace lowtide::record {
namespace {

enum class Fate { kept, orphaned, dead };

Fate fate_of(const Keeper& keeper, const std::string& boot) {
  if (keeper.boot_id != boot) return Fate::dead;
  const bool watched = host::is_alive(keeper.meter_pid, keeper.meter_start) ||
                       (keeper.supervisor_pid != 0 &&
                        host::is_alive(keeper.supervisor_pid, keeper.supervisor_start));
  if (watched) return Fate::kept;
  return host::is_alive(keeper.job_pid, keeper.job_start) ? Fate::orphaned : Fate::dead;
}

struct Found {
  std::int64_t key = 0;
  Fate fate = Fate::kept;
  Keeper keeper;
};

// The unfinished runs of this machine. Those of another one that shares the ledger are its own.
Result<std::vector<Found>> unfinished_here(Ledger& ledger) {
  const auto lines = ledger.unfinished();
  if (!lines) return tl::unexpected(lines.error());
  const std::string boot = host::boot_id();
  const std::string host = host::host_name();
  std::vector<Found> found;
  for (const RunLine& line : *lines) {
    const auto keeper = ledger.keeper(line.key);
    const auto run = ledger.host_of(line.key);
    if (!keeper || !run || *run != host) continue;
    found.push_back({line.key, fate_of(*keeper, boot), *keeper});
  }
  return found;
}

bool is_open(RunState state) {
  return state == RunState::running || state == RunState::waiting || state == RunState::paused;
}

// Whoever looked at the same moment sees that it is being closed; the last row puts this back.
Result<bool> claim(Ledger& ledger, const Found& found) {
  Keeper ours = found.keeper;
  ours.meter_pid = getpid();
  ours.supervisor_pid = 0;
  if (const auto self = host::process_stat(getpid())) ours.meter_start = self->start_ticks;
  return ledger.claim(found.key, ours, found.keeper.meter_pid);
}

// False when somebody else closes it, or has.
Result<bool> close_run(Ledger& ledger, const Found& found) {
  const auto claimed = claim(ledger, found);
  if (!claimed || !*claimed) return claimed;
  auto run = ledger.load(found.key, false);
  if (!run) return tl::unexpected(run.error());
  // It came to its end between our list and our look at its processes: its meter wrote the last
  // row.
  if (!is_open(run->state)) return false;
  run->state = RunState::interrupted;
  run->end =
      host::UtcAnchor{found.keeper.anchor_utc, found.keeper.anchor_boot}.at(found.keeper.saved_at);
  if (run->begin && *run->end < *run->begin) run->end = run->begin;
  run->exit_note = "lowtide was killed; the job's end was not seen";
  Increment more;
  more.events.push_back({*run->end, "interrupted",
                         "no lowtide was left to see the job's end; the record stops at the last "
                         "reading that was written"});
  // The state first: who finds the keeper as it was finds the run closed.
  auto done = ledger.update(found.key, *run);
  if (done) done = ledger.append(found.key, more, found.keeper);
  if (!done) return tl::unexpected(done.error());
  return true;
}

}  // namespace

Result<bool> any_left_behind(Ledger& ledger) {
  const auto found = unfinished_here(ledger);
  if (!found) return tl::unexpected(found.error());
  for (const Found& run : *found) {
    if (run.fate != Fate::kept) return true;
  }
  return false;
}

Result<LeftBehind> recover(Ledger& ledger) {
  const auto found = unfinished_here(ledger);
  if (!found) return tl::unexpected(found.error());
  LeftBehind left;
  for (const Found& run : *found) {
    if (run.fate == Fate::orphaned) left.still_alive.push_back(run.key);
    if (run.fate != Fate::dead) continue;
    const auto closed = close_run(ledger, run);
    if (!closed) return tl::unexpected(closed.error());
    if (*closed) left.closed.push_back(run.key);
  }
  return left;
}

}  // namespace lowtide::record
