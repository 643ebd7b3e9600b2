#include "show/shift_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "act/judge.h"
#include "act/notice_text.h"

namespace lowtide::show {
namespace {

using act::ActState;
using act::Phase;

// The hour, with the day where it is not today's.
std::string moment(Utc t, Utc now) {
  const std::string text = local_time(t);
  const bool today = text.substr(0, 10) == local_time(now).substr(0, 10);
  return today ? text.substr(11, 5) : text.substr(0, 16);
}

std::string in(Duration length) {
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(length);
  return format_duration(std::max<Duration>(minutes, std::chrono::minutes(1)));
}

std::string at_and_in(Utc t, Utc now) {
  return fmt::format("{} (in {})", moment(t, now), in(t - now));
}

// Of a job that may be paused.
std::optional<Utc> next_pause(const ActState& state, Utc now) {
  const bool may_pause = state.terms.manner != act::Manner::none && !act::outlived(state);
  return may_pause ? act::planned_pause(state, now) : std::nullopt;
}

// Of the plan that is in force.
std::string reason(const ActState& state) {
  if (!state.plan || state.plan->saving <= 0) return {};
  return fmt::format(" for {} less", percent(state.plan->saving));
}

std::string running_line(const ActState& state, Utc now, bool says_done) {
  if (state.runs_on != act::RunsOn::no) {
    return "runs to its end: " + std::string(act::in_short(state.runs_on));
  }
  if (const auto pause = next_pause(state, now)) return "runs, pauses at " + at_and_in(*pause, now);
  if (says_done) return "runs; it says that all is done";
  if (state.terms.manner != act::Manner::none && act::outlived(state)) {
    return "runs longer than expected, is not paused";
  }
  return state.planning && !state.plan ? "runs, being planned" : "runs";
}

// A further life that ended at once, and the try that follows.
std::string failed_line(const ActState& state, Utc now, const std::optional<Utc>& rested) {
  const std::string what =
      fmt::format("failed to go on (status {}, try {} of {}), tries again",
                  state.status.value_or(1), state.failed_resumes, state.terms.retries + 1);
  if (!rested) return what + " soon";
  Utc at = *rested + act::retry_in(state);
  if (act::waits_at(state, at)) at = act::goes_on_at(state, at);
  return what + (at > now ? " at " + at_and_in(at, now) : " now");
}

std::string past_deadline(const ActState& state, Utc now) {
  const bool past = !act::is_over(state.phase) && now >= state.terms.deadline;
  return past ? fmt::format(", past its deadline ({})", moment(state.terms.deadline, now)) : "";
}

std::string resting_line(const ActState& state, Utc now, const char* what, const char* next) {
  if (!state.plan) return fmt::format("{}, being planned", what);
  const Utc end = act::goes_on_at(state, now);
  if (end <= now) return fmt::format("{}, {} now", what, next);
  return fmt::format("{}, {} at {}{}", what, next, at_and_in(end, now), reason(state));
}

std::string paused_line(const ActState& state, Utc now, const std::optional<Utc>& rested) {
  const bool frozen = state.body == act::Body::frozen;
  if (!frozen && state.failed_resumes > 0) return failed_line(state, now, rested);
  return resting_line(state, now, frozen ? "paused (frozen)" : "paused (saved)", "goes on");
}

std::string gain_text(const PlanView& view, double saving) {
  const bool marginal = view.used.signal == Signal::marginal;
  std::string text = fmt::format("{} {} than at once", percent(saving),
                                 marginal ? "less expected" : "less attributed");
  if (view.chosen.bounds) {
    text += fmt::format(" ({} to {})", percent(view.chosen.bounds->low),
                        percent(view.chosen.bounds->high));
  }
  return text;
}

std::string source_text(const IntensityUsed& used) {
  std::string text = used.zone + ", " + std::string(spell(used.signal)) + ", ";
  return text + escape(used.model.empty() ? used.source : used.model);
}

// Time-weighted, of what is known.
std::optional<Intensity> mean_over(const PlanView& view, const std::vector<Interval>& runs) {
  double sum = 0;
  int count = 0;
  Utc slot = view.window.begin;
  for (const Intensity value : view.intensity) {
    const bool inside =
        std::any_of(runs.begin(), runs.end(), [&](const Interval& run) { return run.holds(slot); });
    if (inside && plan::is_known(value)) {
      sum += as_grams_per_kwh(value);
      ++count;
    }
    slot += kSlot;
  }
  if (count == 0) return std::nullopt;
  return grams_per_kwh(sum / count);
}

std::string intensities_text(const ShiftSaid& said) {
  const Interval at_once{said.view->window.begin, said.view->window.begin + said.length};
  const auto then = mean_over(*said.view, said.plan->runs);
  const auto now = mean_over(*said.view, {at_once});
  if (!then || !now) return {};
  return fmt::format("{} then, {} at once; ", intensity_text(*then), intensity_text(*now));
}

// Nothing to compare with: at once it may not run.
std::string forbidden_text(const PlanView& view) {
  std::string hours;
  for (const std::string& each : view.forbidden_hours) {
    hours += (hours.empty() ? " (--not " : ", ") + each;
  }
  return "it may not run through from now on" + escape(hours) + (hours.empty() ? "" : ")") +
         ": the best of the hours in which it may";
}

std::string decision_text(const ShiftSaid& said) {
  const auto& runs = said.plan->runs;
  if (!said.why_not.empty() || runs.empty()) return "starts now";
  const bool waits = runs.front().begin > said.now;
  std::string text = waits ? "starts at " + at_and_in(runs.front().begin, said.now) : "starts now";
  if (runs.size() > 1) {
    text += fmt::format(
        ", pauses {} ({})",
        runs.size() == 2 ? std::string("once") : fmt::format("{} times", runs.size() - 1),
        spell(said.manner));
  }
  return text;
}

std::string length_text(const ShiftSaid& said) {
  return fmt::format("takes {}{}", format_duration(said.length),
                     said.length_assumed ? " (assumed: --expect says it)" : "");
}

}  // namespace

std::string shift_text(const ShiftSaid& said, const Style& style) {
  std::string text = paint("lowtide", Ink::bold, style) + "  " + escape(said.name) + " · " +
                     decision_text(said) + " · run " + said.run + "\n";
  const auto line = [&](const char* name, const std::string& what) {
    const auto rows = wrap(what, columns(style) - 12, 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      text += fmt::format(" {:<10} {}\n", i == 0 ? name : "", rows[i]);
    }
  };
  if (said.why_not.empty() && !said.view->chosen.saving) {
    line("why", forbidden_text(*said.view));
  } else if (said.why_not.empty()) {
    line("why", intensities_text(said) + gain_text(*said.view, said.plan->saving));
  } else {
    line("why", "not shifted: " + said.why_not);
  }
  line("intensity", source_text(said.view->used));
  line("deadline", moment(said.deadline, said.now) + ", " + length_text(said));
  if (!said.why_not.empty()) return text;
  line("next",
       fmt::format("lowtide status {0} · lowtide start-now {0} · lowtide cancel {0}", said.run));
  if (said.view->used.signal == Signal::marginal) {
    line("", "One more job does not move the grid's margin; a thousand do.");
  }
  return text;
}

namespace {

std::string phase_line(const ActState& state, Utc now, const Beside& beside) {
  switch (state.phase) {
    case Phase::waiting:
      return resting_line(state, now, "waits", "starts");
    case Phase::paused:
      return paused_line(state, now, beside.rested);
    case Phase::running:
      return running_line(state, now, beside.says_done);
    case Phase::pausing:
      return state.terms.manner == act::Manner::checkpoint ? "asked to save and end"
                                                           : "being paused";
    case Phase::done:
      return state.lost ? "lost" : "done";
    default:
      return std::string(spell(state.phase));
  }
}

}  // namespace

std::string shift_line(const ActState& state, Utc now, const Beside& beside) {
  return phase_line(state, now, beside) + past_deadline(state, now);
}

std::string change_line(const ActState& state, const std::string& changes, Utc now) {
  const auto has = [&](std::string_view word) {
    return ("," + changes + ",").find("," + std::string(word) + ",") != std::string::npos;
  };
  if (has("paused") || has("resumed") || has("runs_on")) return shift_line(state, now, {now});
  if (has("started")) {
    return state.lives > 1 ? fmt::format("goes on, life {}", state.lives) : std::string("started");
  }
  if (has("ended")) return state.phase == Phase::cancelled ? "cancelled" : std::string();
  return {};
}

std::string notice_line(const ActState& state, act::Notice notice, Utc now) {
  if (notice != act::Notice::late) return std::string(act::text_of(notice));
  return fmt::format("its deadline of {} has passed; it runs on",
                     moment(state.terms.deadline, now));
}

std::string history_line(const std::string& changes, const std::string& detail) {
  std::string text;
  for (const char c : changes) text += c == ',' ? ", " : std::string(1, c == '_' ? ' ' : c);
  if (detail.empty()) return text;
  if (text.ends_with("runs on") && detail.starts_with("runs on: ")) {
    return text + detail.substr(std::string_view("runs on").size());
  }
  return text + " (" + detail + ")";
}

std::string late_text(Utc end, Utc deadline) {
  return fmt::format("ended at {}, its deadline was {}", moment(end, deadline),
                     moment(deadline, end));
}

}  // namespace lowtide::show
