#include "app/keep.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "app/paths.h"
#include "app/provider_access.h"
#include "app/run_request.h"
#include "app/say.h"
#include "app/settle.h"
#include "app/sources.h"
#include "grid/sources.h"
#include "host/freezer.h"
#include "host/job.h"
#include "host/proc.h"
#include "host/supervise.h"
#include "record/recover.h"
#include "record/session.h"
#include "record/spool.h"

extern char** environ;  // NOLINT: POSIX

namespace lowtide::app {
namespace {

// `lowtide keep KEY LEDGER` in a session of its own, with nothing of ours open.
void start_keeper(std::int64_t key, std::string ledger_path) {
  std::string program = "/proc/self/exe";
  std::string word = "keep";
  std::string number = std::to_string(key);
  const std::array<char*, 5> argv{program.data(), word.data(), number.data(), ledger_path.data(),
                                  nullptr};
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  }
  pid_t pid = 0;
  posix_spawn(&pid, program.c_str(), &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
}

struct TakenUp {
  RunRecord run;
  record::Keeper keeper;
};

// The run, claimed for this process; nullopt when somebody else was faster or its job is gone.
std::optional<TakenUp> claim(std::int64_t key, const std::string& ledger_path) {
  auto ledger = record::Ledger::open(ledger_path);
  if (!ledger) return std::nullopt;
  auto run = ledger->load(key, false);
  auto keeper = ledger->keeper(key);
  if (!run || !keeper) return std::nullopt;
  const bool ours = keeper->boot_id == host::boot_id() &&
                    host::is_alive(keeper->job_pid, keeper->job_start) &&
                    !host::is_alive(keeper->meter_pid, keeper->meter_start);
  if (!ours) return std::nullopt;
  const int before = std::exchange(keeper->meter_pid, getpid());
  keeper->supervisor_pid = 0;
  if (const auto self = host::process_stat(getpid())) keeper->meter_start = self->start_ticks;
  const auto claimed = ledger->claim(key, *keeper, before);
  if (!claimed || !*claimed) return std::nullopt;
  return TakenUp{std::move(*run), std::move(*keeper)};
}

// The source of intensity that the run was begun with.
std::unique_ptr<grid::Provider> reopen_source(const RunRecord& run, grid::Place& place) {
  const std::string data = data_folder();
  auto found = grid::find_place(run.options.location, data);
  if (found) {
    place = std::move(*found);
  } else if (!run.intensity.empty()) {
    place.zone = run.intensity.front().zone;
    place.resolved_by = run.intensity.front().resolved_by;
    place.assumed = run.intensity.front().place_assumed;
  }
  const std::string spec = run.options.intensity.empty() ? "typical" : run.options.intensity;
  auto opened = grid::open_source({spec, place, run.options.headline, data, cache_path()});
  return opened ? std::move(*opened) : nullptr;
}

void recover_in(const std::string& ledger_path) {
  auto reading = record::Ledger::open_to_read(ledger_path);
  if (!reading) return;
  const auto any = record::any_left_behind(*reading);
  if (!any || !*any) return;
  auto ledger = record::Ledger::open(ledger_path);
  if (!ledger) return;
  const auto left = record::recover(*ledger);
  if (!left) return;
  for (const std::int64_t key : left->still_alive) start_keeper(key, ledger_path);
}

void merge_spool(const std::string& ledger_path, const std::vector<std::string>& files) {
  auto ledger = record::Ledger::open(ledger_path);
  Result<void> merged = ledger ? Result<void>() : tl::unexpected(ledger.error());
  for (const std::string& file : files) {
    if (merged) merged = record::merge(*ledger, file);
  }
  if (!merged) warn(merged.error().line() + "; runs that wait in the spool are not shown");
}

// Of runs whose lowtide and waker have died both: no job stays frozen with nobody to wake it.
void thaw_left_frozen() {
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(home_folder() + "/act", code)) {
    if (entry.path().extension() != ".frozen") continue;
    const auto left = host::thaw_left_frozen(entry.path().string());
    const std::string run = entry.path().stem().string();
    if (!left) warn(left.error().line());
    if (!left || !*left) continue;
    if (!(*left)->ended) settle_thawed(run);
    warn(fmt::format(
        fmt::runtime((*left)->ended
                         ? "run {0} was frozen when its lowtide was killed, and its job has ended "
                           "with it (docs/pausing.md)"
                         : "run {0} was frozen and its lowtide is gone: it was let go on; "
                           "`lowtide resume {0}` carries its plan on"),
        run));
  }
}

}  // namespace

void recover_runs(const std::string& ledger_path) {
  thaw_left_frozen();
  if (ledger_path.empty()) return;
  const auto spooled = record::spooled_files(ledger_path, side_folders());
  for (const std::string& file : spooled) recover_in(file);
  if (!spooled.empty()) merge_spool(ledger_path, spooled);
  recover_in(ledger_path);
}

int keep_command(std::int64_t key, const std::string& ledger_path,
                 const host::Inherited& inherited) {
  auto taken = claim(key, ledger_path);
  if (!taken) return 0;
  host::Board& board = host::Board::map();
  board.job_pid = taken->keeper.job_pid;
  board.run_key = key;
  board.started = true;
  const auto begin = taken->run.begin.value_or(taken->run.submitted);
  board.begin_boot_ns = host::UtcAnchor{taken->keeper.anchor_utc, taken->keeper.anchor_boot}
                            .boot_at(begin)
                            .time_since_epoch()
                            .count();
  host::SystemClock clock;
  grid::Place place;
  const auto provider = reopen_source(taken->run, place);
  record::SessionSetup setup;
  setup.run = taken->run;
  setup.ledger_path = ledger_path;
  // Of a run that a plan moves (docs/adr/0021): the next one to look may find it frozen.
  setup.freeze_note = std::filesystem::path(app::ledger_path()).parent_path() / "act" /
                      (record_id(taken->run) + ".frozen");
  setup.files = host::MachineFiles(environment("LOWTIDE_SYSROOT").value_or(""));
  setup.doors = energy_sources({setup.files, data_folder(), std::nullopt}, clock);
  setup.intensity = [&](Interval over) -> std::vector<IntensityUsed> {
    auto used = provider ? provider->fetch(over) : tl::unexpected(Error{});
    if (!used) return {};
    used->asked = place.asked;
    used->resolved_by = place.resolved_by;
    used->place_assumed = place.assumed;
    return {std::move(*used)};
  };
  record::Session session(std::move(setup), inherited, board, {-1, true, taken->keeper.meter_pid});
  static_cast<void>(session.run());
  return 0;
}

}  // namespace lowtide::app
