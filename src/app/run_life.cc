#include "app/run_life.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "account/derive.h"
#include "account/live.h"
#include "app/background_fetch.h"
#include "app/paths.h"
#include "app/say.h"
#include "app/sources.h"
#include "app/tables.h"
#include "app/terminal.h"
#include "host/job.h"
#include "host/supervise.h"
#include "record/session.h"
#include "record/spool.h"
#include "show/json.h"
#include "show/live.h"
#include "show/summary.h"

namespace lowtide::app {
namespace {

constexpr int kRefused = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
constexpr int kMeterFailed = 1;
constexpr Duration kNextAgain = std::chrono::seconds(5);
// What a run waits at its end for a provider that is about to answer.
constexpr Duration kAnswerOnItsWay = std::chrono::milliseconds(50);

// Where the job may append its counts; empty when the folder cannot be made.
std::string make_counts_path(const std::string& id) {
  const std::string home = home_folder();
  if (home.empty()) return {};
  const std::filesystem::path folder = std::filesystem::path(home) / "counts";
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  return code ? std::string() : (folder / id).string();
}

record::SessionSetup make_setup(const RunRequest& request, const LifeWish& wish) {
  record::SessionSetup setup;
  setup.run = request.record;
  setup.counts_path = make_counts_path(request.record.id);
  setup.job.command = request.command;
  setup.job.environment = {{"LOWTIDE_RUN_ID", record_id(request.record)}};
  if (!setup.counts_path.empty()) {
    setup.job.environment.emplace_back("LOWTIDE_COUNTS", setup.counts_path);
  }
  for (const auto& variable : wish.environment) setup.job.environment.push_back(variable);
  setup.on_begun = wish.on_begun;
  setup.freeze_note = wish.freeze_note;
  setup.ledger_path = record::ledger_for_run(ledger_path(), request.record.id, request.spool);
  setup.sides = record::side_files(ledger_path(), request.record.id, side_folders());
  setup.files = host::MachineFiles(environment("LOWTIDE_SYSROOT").value_or(""));
  setup.own_cgroup = request.own_cgroup;
  setup.interval = request.interval;
  setup.wait_sensors = request.wait_sensors;
  return setup;
}

// The meter's life: what the forked child of the supervisor does.
class MeterLife {
 public:
  MeterLife(RunRequest& request, BackgroundFetch& fetch, const host::Inherited& inherited,
            host::Board& board, const LifeWish& wish)
      : request_(request), fetch_(fetch), inherited_(inherited), board_(board), wish_(wish) {}

  int live(const host::MeterSeat& seat) {
    mallopt(M_ARENA_MAX, 1);  // a reader's thread needs no arena of its own
    record::SessionSetup setup = make_setup(request_, wish_);
    const SourceWishes wishes{setup.files, data_folder(), request_.gpus};
    setup.doors = energy_sources(wishes, clock_);
    setup.gpus_chosen = gpus_chosen(wishes);
    setup.intensity = [this](Interval over) {
      if (board_.ended) fetch_.wait(kAnswerOnItsWay);
      settle_place(request_);
      return intensity_of(request_, over);
    };
    setup.intensity_notes = [this] { return provider_notes(request_); };
    if (!request_.quiet && LiveLine::wanted()) {
      setup.on_tick = [this](const RunRecord& run) { draw(run); };
    }
    record::Session session(std::move(setup), inherited_, board_, seat);
    auto result = session.run();
    if (!result) return kMeterFailed;
    line_.erase();
    report(*result);
    return 0;
  }

 private:
  void draw(const RunRecord& run) {
    const show::Style style = style_of(STDERR_FILENO);
    const auto live = account::live(run, shipped_tables());
    const auto line = show::live_line(live, style, wish_.next ? next() : show::Next());
    line_.draw(line, getpgid(board_.supervisor_pid));
  }

  // Asked for now and then: it changes rarely.
  const show::Next& next() {
    const BootTime now = clock_.boot();
    if (next_.text.empty() || now - next_at_ > kNextAgain) {
      next_ = wish_.next();
      next_at_ = now;
    }
    return next_;
  }

  void report(const record::SessionResult& result) {
    warn_of_ledger(result.trouble, result.side);
    if (wish_.last_word) report_run(request_, result.run);
  }

  RunRequest& request_;
  BackgroundFetch& fetch_;
  const host::Inherited& inherited_;
  host::Board& board_;
  const LifeWish& wish_;
  host::SystemClock clock_;
  LiveLine line_;
  show::Next next_;
  BootTime next_at_{};
};

}  // namespace

void report_run(const RunRequest& request, const RunRecord& run) {
  if (request.quiet && request.json_path.empty()) return;
  const auto derived = account::derive(run, read_tables(data_folder(), request.edition));
  if (!request.json_path.empty()) {
    if (auto done = write_file(request.json_path, show::report_json(derived)); !done) {
      warn(done.error().line());
    }
  }
  if (!request.quiet) say(show::summary(derived, style_of(STDERR_FILENO)));
}

int not_started(const RunRequest& request, int exec_errno) {
  const std::string& word = request.command.front();
  const std::string command = word.empty() ? "'' (an empty word)" : word;
  if (exec_errno == 0) {
    complain({ErrorKind::internal, "no process could be started", "run", "try again"});
    return kRefused;
  }
  const bool missing = exec_errno == ENOENT;
  complain({ErrorKind::absent,
            missing ? "command not found" : std::generic_category().message(exec_errno), command,
            missing ? "check the spelling, or give its path" : "make it executable: chmod +x"});
  return missing ? kNotFound : kNotExecutable;
}

host::Supervised run_life(RunRequest& request, BackgroundFetch& fetch,
                          const host::Inherited& inherited, host::Board& board,
                          const LifeWish& wish) {
  const auto meter = [&](const host::MeterSeat& seat) {
    return MeterLife(request, fetch, inherited, board, wish).live(seat);
  };
  host::Beside all = wish.beside;
  all.freeze_note = wish.freeze_note;
  return host::supervise(inherited, board, meter, all);
}

}  // namespace lowtide::app
