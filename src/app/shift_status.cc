#include "app/shift_status.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "act/judge.h"
#include "act/run_files.h"
#include "act/state_text.h"
#include "app/job_file.h"
#include "app/paths.h"
#include "host/clock.h"
#include "host/job_files.h"
#include "show/shift_text.h"

namespace lowtide::app {
namespace {

using nlohmann::ordered_json;

bool is_over(const record::Act& act) {
  return act.standing == record::Standing::done || act.standing == record::Standing::cancelled;
}

std::vector<record::Transition> history_of(const std::string& run) {
  auto acts = record::Acts::open_to_read(ledger_path());
  auto all = acts ? acts->transitions(run) : tl::unexpected(acts.error());
  return all ? std::move(*all) : std::vector<record::Transition>();
}

// Since when it is paused, where it was to go on and has failed; what the job says of its end.
show::Beside beside(const record::Act& act, const act::ActState& state) {
  show::Beside beside;
  if (state.phase == act::Phase::paused && state.failed_resumes > 0) {
    for (const record::Transition& one : history_of(act.run)) {
      if (("," + one.changes + ",").find(",paused,") != std::string::npos) beside.rested = one.time;
    }
  }
  if (state.phase == act::Phase::running) {
    const auto done = host::ProgressFile(run_files(act.run).path("progress")).look().done;
    beside.says_done = done.value_or(0) >= 1;
  }
  return beside;
}

// A frozen job that a later command let go on runs, though nobody has taken it up.
bool was_let_go(const record::Act& act, const act::ActState& state) {
  return act.standing == record::Standing::runs && state.phase == act::Phase::paused;
}

Result<act::ActState> state_of(const record::Act& act) {
  auto state = act::read_state(act.state);
  if (state && was_let_go(act, *state)) state->phase = act::Phase::running;
  return state;
}

std::string stands(const record::Act& act) {
  if (is_over(act)) return std::string(spell(act.standing));
  const auto state = act::read_state(act.state);
  if (state && was_let_go(act, *state)) return "runs: it was frozen, and was let go on";
  return state ? show::shift_line(*state, host::SystemClock().utc(), beside(act, *state))
               : "its state cannot be read: " + state.error().line();
}

std::string keeper_text(const record::Act& act) {
  if (is_over(act)) return "nobody: it is over";
  const int holder = act::RunLock::holder(run_files(act.run));
  if (holder > 0) return fmt::format("process {}", holder);
  return "nobody: lowtide resume " + act.run + " goes on with it";
}

ordered_json time_or_null(const std::optional<Utc>& time) {
  return time ? ordered_json(format_utc(*time)) : ordered_json();
}

ordered_json json_of(const record::Act& act) {
  ordered_json out{{"run", act.run},
                   {"host", act.host},
                   {"standing", std::string(spell(act.standing))},
                   {"changed", format_utc(act.changed)}};
  const int holder = act::RunLock::holder(run_files(act.run));
  out["keeper_pid"] = holder > 0 ? ordered_json(holder) : ordered_json();
  const auto state = state_of(act);
  if (!state) return out;
  out["phase"] = std::string(spell(state->phase));
  out["manner"] = std::string(spell(state->terms.manner));
  out["runs_on"] = std::string(spell(state->runs_on));
  out["deadline"] = format_utc(state->terms.deadline);
  out["latest"] = time_or_null(is_over(act) ? std::nullopt : act::latest_of(*state));
  out["length_s"] = state->length ? ordered_json(as_seconds(*state->length)) : ordered_json();
  out["worked_s"] = as_seconds(state->worked);
  out["lives"] = state->lives;
  out["pauses"] = state->pauses;
  out["exit_status"] = state->status ? ordered_json(*state->status) : ordered_json();
  out["plan"] = nullptr;
  if (!state->plan) return out;
  ordered_json runs = ordered_json::array();
  for (const Interval& run : state->plan->runs) {
    runs.push_back({{"begin", format_utc(run.begin)}, {"end", format_utc(run.end)}});
  }
  out["plan"] = {{"made", format_utc(state->plan->made)},
                 {"why", std::string(spell(state->plan->why))},
                 {"saving", state->plan->saving},
                 {"runs", runs}};
  return out;
}

std::string plan_lines(const act::ActState& state) {
  if (!state.plan) return " plan       is being made\n";
  std::string text = " plan       made " + show::local_time(state.plan->made);
  if (state.plan->runs.empty()) return text + ": run on\n";
  text += "\n";
  for (const Interval& run : state.plan->runs) {
    text += fmt::format("            runs {} to {}\n", show::local_time(run.begin).substr(0, 16),
                        show::local_time(run.end).substr(0, 16));
  }
  return text;
}

}  // namespace

show::Next next_of(const std::string& run) {
  auto acts = record::Acts::open_to_read(ledger_path());
  const auto act = acts ? acts->find(run) : tl::unexpected(acts.error());
  if (!act || !*act || is_over(**act)) return {};
  return {stands(**act), (**act).standing != record::Standing::runs};
}

std::string status_line(const record::Act& act, const std::string& name) {
  std::string text = act.run + "  " + (name.empty() ? "" : show::escape(name) + "  ") + stands(act);
  const bool kept = is_over(act) || act::RunLock::holder(run_files(act.run)) > 0;
  return kept ? text : text + " · nobody carries it out: lowtide resume " + act.run;
}

std::string status_text(const record::Act& act, const show::Style& style) {
  std::string text =
      show::paint("run " + act.run, show::Ink::bold, style) + " · " + stands(act) + "\n";
  text += " kept by    " + keeper_text(act) + "\n";
  const auto state = act::read_state(act.state);
  if (!state) return text;
  if (!is_over(act)) {
    text += " deadline   " + show::local_time(state->terms.deadline).substr(0, 16);
    if (const auto latest = act::latest_of(*state)) {
      text += ", must run from " + show::local_time(*latest).substr(0, 16) + " on";
    }
    text += "\n" + plan_lines(*state);
  }
  text +=
      fmt::format(" work       {}{}\n",
                  state->worked > Duration::zero() ? format_duration(state->worked) : "none yet",
                  state->length ? " of " + format_duration(*state->length) : std::string());
  for (const record::Transition& one : history_of(act.run)) {
    text += fmt::format(" {}  {}\n", show::local_time(one.time),
                        show::escape(show::history_line(one.changes, one.detail)));
  }
  return text;
}

std::string status_json(const std::vector<record::Act>& acts) {
  ordered_json runs = ordered_json::array();
  for (const record::Act& act : acts) runs.push_back(json_of(act));
  return ordered_json{{"schema", "lowtide.status/1"}, {"runs", runs}}.dump(2) + "\n";
}

}  // namespace lowtide::app
