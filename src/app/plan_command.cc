// `lowtide plan`: its options, and the answer to what they ask.
#include <unistd.h>

#include "app/cli.h"
#include "app/ledger_access.h"
#include "app/plan_answer.h"
#include "app/plan_options.h"
#include "app/plan_request.h"
#include "app/terminal.h"
#include "base/words.h"
#include "host/clock.h"
#include "show/plan_json.h"
#include "show/plan_text.h"

namespace lowtide::app {
namespace {

int plan_command(const PlanFlags& flags) {
  auto request = make_plan_request(flags);
  if (!request) return refuse(request.error());
  const auto view = answer(std::move(*request), host::SystemClock().utc());
  if (!view) return refuse(view.error());
  if (flags.json_path == "-") return put(show::plan_json(*view));
  if (!flags.json_path.empty()) {
    if (const int status = put(show::plan_json(*view), flags.json_path); status != 0) return status;
  }
  return put(show::plan_text(*view, style_of(STDOUT_FILENO)));
}

template <typename Enum>
std::vector<std::string> words() {
  std::vector<std::string> all;
  all.reserve(Spelling<Enum>::table.size());
  for (const auto& [value, word] : Spelling<Enum>::table) all.emplace_back(word);
  return all;
}

void add_job_options(CLI::App& plan, PlanFlags& flags) {
  CLI::Option* like = add_text(plan, "--like", flags.like, "RUN",
                               "a job like this recorded run: its energy by slot");
  CLI::Option* profile = add_text(plan, "--profile", flags.profile, "FILE",
                                  "a job of this CSV: elapsed_s,energy_j or slot,kwh");
  CLI::Option* duration =
      add_text(plan, "--duration", flags.duration, "D", "a job of this length and constant power");
  CLI::Option* power = add_text(plan, "--power", flags.power, "W", "its power: 300W, 2.4kW");
  duration->needs(power)->excludes(like)->excludes(profile);
  power->needs(duration);
  like->excludes(profile);
}

void add_window_options(CLI::App& plan, PlanFlags& flags) {
  CLI::Option* within = add_text(plan, "--within", flags.within, "D",
                                 "how long it may be put off in all: 24h, 25%, 2x; default 24h");
  add_text(plan, "--finish-within", flags.finish_within, "D", "when it must be done: 36h, or 2x")
      ->excludes(within);
  add_text(plan, "--at", flags.at, "TIME",
           "plan as of this time: 2026-01-05T14:00Z, UTC where it says no offset; default now");
  add_forbidden_hours(plan, flags);
}

void add_region_options(CLI::App& plan, PlanFlags& flags) {
  CLI::Option* zones = plan.add_option("--zones", flags.zones, "plan it in these places too")
                           ->type_name("PLACE,..")
                           ->delimiter(',');
  plan.add_option("--provider", flags.rules.provider,
                  "plan it in all regions of azure, aws or gcp too")
      ->type_name("CLOUD")
      ->excludes(zones);
  add_rule_options(plan, flags.rules);
}

void add_plan_settings(CLI::App& plan, SettingFlags& into) {
  add_setting(plan, into, "location", "PLACE",
              "zone (US-CAL-CISO), cloud region (aws:us-east-1) or LAT,LON; default: assumed");
  add_setting(plan, into, "intensity", "SOURCE",
              "typical (default), file:PATH, or a number: 475g/kWh");
  add_setting(plan, into, "signal", "SIGNAL", "average (default) or marginal: what decides");
  add_setting(plan, into, "pue", "X", "power usage effectiveness; default: of the cloud region");
}

}  // namespace

void add_plan(Cli& cli) {
  const auto flags = std::make_shared<PlanFlags>();
  CLI::App& plan = add_command(cli, "plan", "When to start a job, and whether pausing pays", flags,
                               plan_command);
  add_job_options(plan, *flags);
  add_window_options(plan, *flags);
  add_charge_options(plan, *flags,
                     plan.add_flag("--pausable", flags->pausable, "the job may be paused"));
  add_machine_options(plan, *flags,
                      "while it waits: stays-on (one's own, default), held (rented on), released");
  add_plan_settings(plan, flags->settings);
  add_region_options(plan, *flags);
  add_text(plan, "--other-signal", flags->other_signal, "SOURCE",
           "a series of the signal that does not decide: is the plan better on it too?");
  plan.add_option("--agree", flags->agree, "both: shift only where both signals call it better")
      ->type_name("WHAT")
      ->excludes("--zones")  // elsewhere there is one signal only
      ->excludes("--provider")
      ->check(CLI::IsMember({"both"}));
  plan.add_option("--policy", flags->policy, "this policy instead of the best one")
      ->type_name("POLICY")
      ->check(CLI::IsMember(words_of<plan::Policy>()));
  plan.add_option("--json", flags->json_path,
                  "write the plan (lowtide.plan/1) to this file as well; - prints it instead")
      ->type_name("FILE");
  plan.footer(
      "Nothing is started. Windows count from --at; the exit status is 6 when no plan is legal.\n"
      "Examples:\n"
      "  lowtide plan --like last --within 24h\n"
      "  lowtide plan --like bert --finish-within 2x --pausable --resume-energy 10m\n"
      "  lowtide plan --duration 19h --power 300W --within 24h --not 08:00-18:00\n"
      "  lowtide plan --like bert --machine held --idle-power 480W --price '$20/h' --pausable\n"
      "  lowtide plan --profile job.csv --intensity file:grid.csv --signal marginal --json -");
}

}  // namespace lowtide::app
