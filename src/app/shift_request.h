// A run that is to be moved: from flags to terms and a question for the planner, all checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "act/state.h"
#include "app/plan_request.h"
#include "app/shift_flags.h"
#include "base/result.h"
#include "host/checkpoint_signal.h"

namespace lowtide::app {

struct ShiftRequest {
  act::Terms terms;             // the deadline as the plan has it
  PlanFlags plan;               // asks what `lowtide plan` asks
  std::string name;             // of the run
  bool length_assumed = false;  // nobody said how long it takes
  int signal = 0;               // 0: none is sent, the job looks at LOWTIDE_CONTROL
  host::CheckpointTarget target;
  std::vector<std::string> resume_args;
  bool trust_typical = false;
  bool require_forecast = false;
};

// The first flag that makes no sense without a window to move the job in; empty: none.
[[nodiscard]] std::string needs_a_window(const ShiftFlags& flags);
// 0, or the errno with which the command would not start; as execvp looks for it.
[[nodiscard]] int why_not_executable(const std::string& program);
// The planner's errors in the words of `lowtide run`.
[[nodiscard]] Error as_run_says(Error error, const ShiftFlags& flags);

// `name` of the run; `settings`: flags that are settings, for the planner. Errors: usage, and
// no_plan for a deadline that cannot be met, with the earliest that can.
[[nodiscard]] Result<ShiftRequest> make_shift_request(const ShiftFlags& flags,
                                                      const std::string& name,
                                                      const SettingFlags& settings);

}  // namespace lowtide::app
