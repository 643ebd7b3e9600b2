// What a run that a plan moves says to people: what was decided and why, and what comes next.
#pragma once

#include <optional>
#include <string>

#include "act/controller.h"
#include "act/state.h"
#include "show/plan_view.h"
#include "show/text.h"

namespace lowtide::show {

struct ShiftSaid {
  std::string run;
  std::string name;
  const PlanView* view = nullptr;
  const act::Plan* plan = nullptr;
  std::string why_not;  // empty: it is shifted
  act::Manner manner = act::Manner::none;
  Utc now;
  Utc deadline;
  Duration length{};
  bool length_assumed = false;
};

// When and why, what it is expected to gain, and how the user has a say; several lines.
[[nodiscard]] std::string shift_text(const ShiftSaid& said, const Style& style);

// What the state does not say.
struct Beside {
  std::optional<Utc> rested = {};  // paused: since when
  bool says_done = false;          // the job, by its progress
};

// "waits, starts at 21:40 (in 3 h 12 min)", "paused, goes on at 06:00 (in 2 h)"; no newline.
[[nodiscard]] std::string shift_line(const act::ActState& state, Utc now,
                                     const Beside& beside = {});

// What a transition is for the user of a terminal or a log; empty: not worth a line.
[[nodiscard]] std::string change_line(const act::ActState& state, const std::string& changes,
                                      Utc now);

// What a notice is for the user.
[[nodiscard]] std::string notice_line(const act::ActState& state, act::Notice notice, Utc now);

// A row of the history: "planned, starts", "runs on: it did not pause".
[[nodiscard]] std::string history_line(const std::string& changes, const std::string& detail);

// "ended at 11:03, its deadline was 08:00".
[[nodiscard]] std::string late_text(Utc end, Utc deadline);

}  // namespace lowtide::show
