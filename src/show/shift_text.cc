#include "show/shift_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "act/judge.h"

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

// The end of the run that holds now.
std::optional<Utc> next_pause(const ActState& state, Utc now) {
  if (!state.plan || state.runs_on != act::RunsOn::no || state.terms.manner == act::Manner::none) {
    return std::nullopt;
  }
  const auto& runs = state.plan->runs;
  for (std::size_t i = 0; i + 1 < runs.size(); ++i) {
    if (runs[i].holds(now)) return runs[i].end;
  }
  return std::nullopt;
}

std::string why_it_runs_on(act::RunsOn why) {
  switch (why) {
    case act::RunsOn::asked:
      return "as you asked";
    case act::RunsOn::no_slack:
      return "no time is left to pause";
    case act::RunsOn::not_caught:
      return "it does not catch the signal";
    case act::RunsOn::did_not_pause:
      return "it did not end when asked to save";
    case act::RunsOn::not_sure:
      return "that shifting gains is not sure";
    case act::RunsOn::unled:
      return "nobody can carry its plan out";
    default:
      return {};
  }
}

// Of the plan that is in force.
std::string reason(const ActState& state) {
  if (!state.plan || state.plan->saving <= 0) return {};
  return fmt::format(" for {} less", percent(state.plan->saving));
}

std::string running_line(const ActState& state, Utc now) {
  if (state.runs_on != act::RunsOn::no) return "runs to its end: " + why_it_runs_on(state.runs_on);
  if (const auto pause = next_pause(state, now)) return "runs, pauses at " + at_and_in(*pause, now);
  return state.planning && !state.plan ? "runs, being planned" : "runs";
}

std::string resting_line(const ActState& state, Utc now, const char* what, const char* next) {
  if (!state.plan) return fmt::format("{}, being planned", what);
  const Utc end = act::goes_on_at(state, now);
  if (end <= now) return fmt::format("{}, {} now", what, next);
  return fmt::format("{}, {} at {}{}", what, next, at_and_in(end, now), reason(state));
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
  if (said.why_not.empty()) {
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

std::string shift_line(const ActState& state, Utc now) {
  switch (state.phase) {
    case Phase::waiting:
      return resting_line(state, now, "waits", "starts");
    case Phase::paused:
      return resting_line(state, now,
                          state.body == act::Body::frozen ? "paused (frozen)" : "paused (saved)",
                          "goes on");
    case Phase::running:
      return running_line(state, now);
    case Phase::pausing:
      return state.terms.manner == act::Manner::checkpoint ? "asked to save and end"
                                                           : "being paused";
    case Phase::done:
      return state.lost ? "lost" : "done";
    default:
      return std::string(spell(state.phase));
  }
}

std::string change_line(const ActState& state, const std::string& changes, Utc now) {
  const auto has = [&](std::string_view word) {
    return ("," + changes + ",").find("," + std::string(word) + ",") != std::string::npos;
  };
  if (has("paused") || has("resumed") || has("runs_on")) return shift_line(state, now);
  if (has("started")) {
    return state.lives > 1 ? fmt::format("goes on, life {}", state.lives) : std::string("started");
  }
  if (has("ended")) return state.phase == Phase::cancelled ? "cancelled" : std::string();
  return {};
}

}  // namespace lowtide::show
