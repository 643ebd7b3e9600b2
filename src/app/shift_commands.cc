// `lowtide status|wait|start-now|cancel|resume`: a run that waits or is paused.
#include <fmt/format.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "act/judge.h"
#include "act/life.h"
#include "act/run_files.h"
#include "act/state_text.h"
#include "app/cli.h"
#include "app/job_file.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/say.h"
#include "app/settle.h"
#include "app/shift_status.h"
#include "app/terminal.h"
#include "host/clock.h"
#include "host/proc.h"
#include "record/acts.h"

namespace lowtide::app {
namespace {

constexpr Duration kAnswers = std::chrono::seconds(20);
constexpr int kCancelled = 130;  // as by ^C
constexpr Duration kLooks = std::chrono::milliseconds(100);

struct OneRun {
  std::string run;
  bool json = false;
  bool all = false;
};

void sleep_for(Duration length) {
  usleep(static_cast<useconds_t>(length / std::chrono::microseconds(1)));
}

// Of several runs of one name: the newest that is not over, else the newest; and said.
std::string chosen_of(record::Ledger& ledger, record::Acts& acts, const record::RunLine& newest) {
  std::string chosen = newest.id;
  if (newest.namesakes < 2) return chosen;
  std::optional<Utc> submitted;
  const auto open_ones = acts.open_ones(host::host_name());
  for (const record::Act& act : open_ones ? *open_ones : std::vector<record::Act>()) {
    const auto line = ledger.find(act.run);
    if (!line || line->name != newest.name || line->submitted < submitted) continue;
    submitted = line->submitted;
    chosen = act.run;
  }
  warn(fmt::format("{} runs are named '{}'; this is the newest{}, {}", newest.namesakes,
                   newest.name, submitted ? " that is not over" : "", chosen));
  return chosen;
}

Result<record::Act> find_act(const std::string& wanted) {
  auto ledger = open_ledger();
  const auto line = ledger ? ledger->find(wanted) : tl::unexpected(ledger.error());
  if (!line) return tl::unexpected(line.error());
  auto acts = record::Acts::open_to_read(ledger_path());
  auto act = acts ? acts->find(chosen_of(*ledger, *acts, *line)) : tl::unexpected(acts.error());
  if (!act) return tl::unexpected(act.error());
  if (*act) return std::move(**act);
  return fail(ErrorKind::usage, "no plan moves this run: it was started at once", line->id,
              "see lowtide show " + line->id);
}

bool is_over(const record::Act& act) {
  return act.standing == record::Standing::done || act.standing == record::Standing::cancelled;
}

Result<record::Act> find_open(const std::string& wanted) {
  auto act = find_act(wanted);
  if (!act) return act;
  if (is_over(*act)) {
    return fail(ErrorKind::usage, fmt::format("is {} already", spell(act->standing)), act->run,
                "see lowtide show " + act->run);
  }
  if (act->host != host::host_name()) {
    return fail(ErrorKind::usage, "was begun on " + act->host, act->run, "ask there");
  }
  return act;
}

// Until the act has changed, or nobody answers.
std::optional<record::Act> wait_for_change(const record::Act& before,
                                           const std::function<bool(const record::Act&)>& enough) {
  const host::SystemClock clock;
  const BootTime by = clock.boot() + kAnswers;
  while (clock.boot() < by) {
    auto acts = record::Acts::open_to_read(ledger_path());
    const auto act = acts ? acts->find(before.run) : tl::unexpected(acts.error());
    if (act && *act && enough(**act)) return *act;
    sleep_for(kLooks);
  }
  return std::nullopt;
}

// It came to its end, and that could not be written (a full disk): its files are gone already.
int close_at(const record::Act& act) {
  const auto over = [](act::ActState& state) {
    state.phase = state.lives > 0 ? act::Phase::done : act::Phase::cancelled;
    state.body = act::Body::none;
  };
  const auto done =
      settle(act, over, record::Standing::cancelled, "its end was not written when it came");
  return done ? put(status_line(*done) + "\n") : refuse(done.error());
}

// No process of it is there, and none may be: it waits, or a checkpoint has ended it.
bool has_no_job(const record::Act& act) {
  const auto state = act::read_state(act.state);
  if (!state || state->body != act::Body::none) return false;
  return act::life_in_ledger(ledger_path(), act.run)->begun() <= state->lives;
}

// Nobody carries it out, and none has to: a lowtide that took it up might find that it is time to
// start.
int cancel_at_rest(const record::Act& act) {
  const auto done = withdraw(act, "cancelled while nobody carried it out");
  return done ? put(status_line(*done) + "\n") : refuse(done.error());
}

// What its new lowtide found may have been its end.
std::optional<record::Act> over_by_now(const std::string& run) {
  auto now = find_act(run);
  return now && is_over(*now) ? std::optional(std::move(*now)) : std::nullopt;
}

// A controller for one that has none; else what became of the run without: an exit status.
std::optional<int> bring_up(const record::Act& act, const std::string& word) {
  if (!read_job_file(run_files(act.run))) return close_at(act);
  if (word == "cancel" && has_no_job(act)) return cancel_at_rest(act);
  if (const auto how = start_carrying(act.run); !how) return refuse(how.error());
  const auto over = over_by_now(act.run);
  return over ? std::optional(put(status_line(*over) + "\n")) : std::nullopt;
}

// The controller is asked; where there is none, one is started first.
int ask_run(const OneRun& flags, const std::string& word,
            const std::function<bool(const record::Act&)>& enough) {
  const auto act = find_open(flags.run);
  if (!act) return refuse(act.error());
  const act::RunFiles files = run_files(act->run);
  if (act::RunLock::holder(files) == 0) {
    if (const auto status = bring_up(*act, word)) return *status;
  }
  if (!act::ask(files, word)) {
    return refuse({ErrorKind::temporary, "its lowtide does not listen", act->run, "try again"});
  }
  const auto now = wait_for_change(*act, enough);
  if (!now) {
    return refuse({ErrorKind::temporary, "was asked, and has not answered yet", act->run,
                   "see lowtide status " + act->run});
  }
  return put(status_line(*now) + "\n");
}

int start_now(const OneRun& flags) {
  return ask_run(flags, "start-now", [](const record::Act& act) {
    return is_over(act) || act.standing == record::Standing::runs;
  });
}

int cancel(const OneRun& flags) {
  return ask_run(flags, "cancel", [](const record::Act& act) { return is_over(act); });
}

// Once, should nobody carry the run out.
void warn_if_left(const record::Act& act, bool& said) {
  if (said || act::RunLock::holder(run_files(act.run)) > 0) return;
  warn("nobody carries run " + act.run + " out: lowtide resume " + act.run + " goes on with it");
  said = true;
}

int exit_status_of(const record::Act& act) {
  const auto state = act::read_state(act.state);
  if (state && state->status) return *state->status;
  if (act.standing == record::Standing::cancelled) return kCancelled;
  const int status = state ? act::final_status(*state) : 1;
  warn(fmt::format("nobody saw how the job of run {} ended{}; this status, {}, is lowtide's",
                   act.run, status == 0 ? "; its progress said that all was done" : "", status));
  return status;
}

// A job that has ended, with no process of lowtide's left that would put its end on record.
std::optional<act::LifeSeen> lost_life(const record::Act& act) {
  const auto state = act::read_state(act.state);
  const bool begun = state && state->body != act::Body::none;
  if (!begun || act::RunLock::holder(run_files(act.run)) > 0) return std::nullopt;
  const auto life = act::life_in_ledger(ledger_path(), act.run)->look();
  if (!life || !life->ended) return std::nullopt;
  const auto seat = life->supervisor > 0 ? host::process_stat(life->supervisor) : std::nullopt;
  return seat && !seat->has_ended() ? std::nullopt : life;
}

int wait(const OneRun& flags) {
  auto act = find_act(flags.run);
  if (!act) return refuse(act.error());
  bool said = false;
  std::optional<act::LifeSeen> lost;  // twice in a row: its end may be just about to be written
  while (!is_over(*act)) {
    warn_if_left(*act, said);
    sleep_for(std::chrono::seconds(1));
    auto now = find_act(act->run);
    if (now) act = std::move(now);
    const auto life = lost_life(*act);
    if (lost && life && life->status) return *life->status;
    if (lost && life) break;
    lost = life;
  }
  return exit_status_of(*act);
}

// Its job runs, and who started it is gone: only a parent learns how a process ends.
bool status_is_lost(const record::Act& act) {
  const auto state = act::read_state(act.state);
  if (!state || state->body == act::Body::none) return false;
  const auto life = act::life_in_ledger(ledger_path(), act.run)->look();
  if (!life || life->status) return false;
  const auto seat = life->supervisor > 0 ? host::process_stat(life->supervisor) : std::nullopt;
  return !seat || seat->has_ended();
}

// What had no lowtide gets one again.
int resume_one(const record::Act& act) {
  const int holder = act::RunLock::holder(run_files(act.run));
  if (holder > 0) {
    say(fmt::format("{}: process {} keeps it\n", act.run, holder));
    return 0;
  }
  if (!read_job_file(run_files(act.run))) return close_at(act);
  const bool lost = status_is_lost(act);
  const auto how = start_carrying(act.run);
  if (!how) return refuse(how.error());
  if (const auto over = over_by_now(act.run)) {
    say(status_line(*over) + "\n");
    return 0;
  }
  say(fmt::format("{}: goes on ({}); the job's output: {}\n", act.run, *how,
                  run_files(act.run).path("out")));
  if (lost) {
    warn(
        "who started the job is gone, so that its exit status cannot be learned; a job that writes "
        "1 to LOWTIDE_PROGRESS at its end counts as done");
  }
  return 0;
}

int resume_all() {
  const auto ledger = open_ledger();
  if (!ledger && ledger.error().kind == ErrorKind::absent) {
    say("no run waits or is paused\n");  // at each boot, of a home without any run
    return 0;
  }
  if (!ledger) return refuse(ledger.error());
  auto acts = record::Acts::open_to_read(ledger_path());
  const auto open_ones = acts ? acts->open_ones(host::host_name()) : tl::unexpected(acts.error());
  if (!open_ones) return refuse(open_ones.error());
  if (open_ones->empty()) say("no run waits or is paused\n");
  int worst = 0;
  for (const record::Act& act : *open_ones) worst = std::max(worst, resume_one(act));
  return worst;
}

int resume(const OneRun& flags) {
  if (flags.all) return resume_all();
  if (flags.run.empty()) {
    complain({ErrorKind::usage, "which run?", "resume", "name it, or give --all"});
    return kUsage;
  }
  const auto act = find_open(flags.run);
  return act ? resume_one(*act) : refuse(act.error());
}

int status_of_all(bool json) {
  auto ledger = open_ledger();
  if (!ledger) return refuse(ledger.error());
  auto acts = record::Acts::open_to_read(ledger_path());
  const auto open_ones = acts ? acts->open_ones(host::host_name()) : tl::unexpected(acts.error());
  if (!open_ones) return refuse(open_ones.error());
  if (json) return put(status_json(*open_ones));
  std::string text;
  for (const record::Act& act : *open_ones) {
    const auto line = ledger->find(act.run);
    text += status_line(act, line ? line->name : std::string()) + "\n";
  }
  return put(text.empty() ? "no run waits or is paused\n" : text);
}

int status(const OneRun& flags) {
  if (flags.run.empty()) return status_of_all(flags.json);
  const auto act = find_act(flags.run);
  if (!act) return refuse(act.error());
  return put(flags.json ? status_json({*act}) : status_text(*act, style_of(STDOUT_FILENO)));
}

CLI::App& add_one(Cli& cli, const char* name, const char* help, int (*act)(const OneRun&),
                  bool needs_run) {
  const auto flags = std::make_shared<OneRun>();
  CLI::App& command =
      add_command(cli, name, help, flags, [act](const OneRun& given) { return act(given); });
  CLI::Option* run =
      command.add_option("run", flags->run, "an id, a unique prefix, a name or last")
          ->type_name("RUN");
  if (needs_run) run->required();
  if (std::string_view(name) == "resume") {
    command.add_flag("--all", flags->all, "every run of this machine, as after a reboot")
        ->excludes(run);
  }
  if (std::string_view(name) == "status") {
    command.add_flag("--json", flags->json, "print it as JSON (lowtide.status/1)");
  }
  return command;
}

}  // namespace

void add_status(Cli& cli) {
  add_one(cli, "status", "Where a run stands that waits or is paused, and what comes next", status,
          false)
      .footer(
          "Without RUN: every run of this machine that a plan moves.\n"
          "Examples:\n"
          "  lowtide status\n"
          "  lowtide status bert --json");
}
void add_wait(Cli& cli) {
  add_one(cli, "wait", "Wait until a moved run is over; its exit status", wait, true)
      .footer("Examples:\n  lowtide wait bert");
}
void add_start_now(Cli& cli) {
  add_one(cli, "start-now", "Start a waiting run, or go on with a paused one, for good", start_now,
          true)
      .footer("Examples:\n  lowtide start-now bert");
}
void add_cancel(Cli& cli) {
  add_one(cli, "cancel", "Cancel a run that waits, or end (TERM) one that has begun", cancel, true)
      .footer("Examples:\n  lowtide cancel bert");
}
void add_resume(Cli& cli) {
  add_one(cli, "resume", "Go on with runs whose lowtide is gone: --all after a reboot", resume,
          false)
      .footer(
          "A run that waits or is paused lies on disk; its lowtide may be killed, the machine may\n"
          "reboot. To go on at each boot, as the user, a line of crontab: @reboot lowtide resume "
          "--all\n"
          "Examples:\n"
          "  lowtide resume bert\n"
          "  lowtide resume --all");
}

}  // namespace lowtide::app
