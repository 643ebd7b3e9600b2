// What the command line of `lowtide run` says of moving the job: as it was given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/plan_request.h"

namespace lowtide::app {

struct ShiftFlags {
  using Text = std::optional<std::string>;
  PlanFlags plan;  // finish_within, charges, machine, hours in which it may not run
  Text start_within;
  Text expect;
  Text pause;  // freeze or checkpoint
  std::string signal = "USR1";
  std::string grace = "60s";
  std::string target = "main";
  Text paused_status;
  Text resume_args;
  std::string gpu_turn = "share";  // or wait
  bool detach = false;
  bool dry_run = false;
  bool trust_typical = false;
  bool require_forecast = false;
  std::string carry;               // id of a run that is on record: go on with it
  std::vector<std::string> words;  // of the whole command line before --, for the job file

  // The job is moved, or would be.
  [[nodiscard]] bool wanted() const {
    return start_within || plan.finish_within || dry_run || !carry.empty();
  }
};

}  // namespace lowtide::app
