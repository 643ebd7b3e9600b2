// What `lowtide plan` plans: a job's energy by work slot, from a recorded run, a file or mean
// power.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account/report.h"
#include "base/result.h"
#include "plan/problem.h"
#include "show/plan_view.h"

namespace lowtide::app {

struct JobWanted {
  std::optional<std::string> like;      // RUN
  std::optional<std::string> duration;  // with `power`
  std::optional<std::string> power;
  std::optional<std::string> profile;  // path
  plan::Machine machine = plan::Machine::stays_on;
};

struct JobSource {
  show::PlanJob job;
  std::vector<std::string> command;     // of the run
  std::string location;                 // of the run, as asked for; empty: none was
  std::optional<Signal> signal;         // that heads the run's figures
  std::optional<double> pue;            // of the run
  std::string pue_source;               // empty: no run says so
  std::optional<Power> idle;            // what the machine draws of which nothing is the job's
  std::optional<Carbon> hold_per_hour;  // embodied carbon of what the run held
  std::vector<std::string> notes;
};

// What a run was charged while it was paused, on the mean; absent: it was not paused, or nothing of
// that is on record.
[[nodiscard]] std::optional<Power> drawn_while_paused(const account::Report& report);

// On a machine that stays on the energy of a run is that above idle (`--idle none`), else all that
// the run is charged. Errors: usage, malformed (file, line, field), absent (no run, no energy).
[[nodiscard]] Result<JobSource> planned_job(const JobWanted& wanted);

// A profile: `elapsed_s,energy_j`, the energy used since the row before, or, where the first row is
// at 0, from each row to the next, the last one as long as the one before it; or `slot,kwh`, rows
// of 5 minutes. `name` is what errors call the file.
[[nodiscard]] Result<show::PlanJob> parse_profile(const std::string& text, const std::string& name);

}  // namespace lowtide::app
