// `lowtide plan`: from flags, environment and config to a question whose every value is checked.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/compare_rules.h"
#include "app/plan_job.h"
#include "app/plan_values.h"
#include "app/setting_options.h"
#include "grid/outlook.h"
#include "grid/place.h"
#include "plan/decide.h"

namespace lowtide::app {

// As the command line gave it.
struct PlanFlags {
  using Text = std::optional<std::string>;
  Text like, duration, power, profile;  // the job
  Text within, finish_within, at;       // the window
  bool pausable = false;
  Text resume_energy, pause_energy, restore, restore_power, min_run, min_pause;
  Text idle_power, hold, price;
  std::vector<std::string> forbidden;
  std::string machine = "stays-on";
  bool machine_by_default = false;  // nobody said `held`
  Text policy, agree, other_signal;
  std::vector<std::string> zones;  // other regions
  RuleFlags rules;                 // and which of them may take the job
  std::string json_path;
  SettingFlags settings;
  bool warned = false;  // what is wrong with the settings was said before
};

struct PlanRequest {
  JobSource source;
  Utc at;
  Duration slack{};          // time to spare
  std::string window_asked;  // "--within 24h"
  bool pausable = false;
  plan::Charges charges;
  plan::OfMean of_mean;  // of the charges
  bool resume_assumed = false;
  bool hold_known = true;  // false: embodied carbon of a held machine is left out
  std::optional<Price> price;
  std::vector<DayHours> forbidden;
  std::vector<std::string> forbidden_asked;
  std::optional<plan::Policy> only;
  bool agree = false;
  Signal signal = Signal::average;
  std::optional<double> pue;
  std::string pue_source;
  std::unique_ptr<grid::Outlook> provider;
  std::unique_ptr<grid::Provider> other;  // of the other signal; null: there is none
  grid::Place home;
  std::vector<grid::Place> places;  // to plan in too; empty: no region is asked for
  Rules rules;
  SettingFlags given;         // settings that the command has to repeat
  std::string plan_options;   // and what else was asked of the plan
  std::string pause_options;  // of one with pauses alone
  std::vector<std::string> notes;
};

// Errors: usage, malformed, absent (a source that is needed), no_plan (a deadline that is past).
[[nodiscard]] Result<PlanRequest> make_plan_request(const PlanFlags& flags);

}  // namespace lowtide::app
