#include "app/plan_options.h"

namespace lowtide::app {
CLI::Option* add_text(CLI::App& command, const char* name, PlanFlags::Text& into, const char* type,
                      const char* help) {
  return command.add_option(name, into, help)->type_name(type);
}

void add_charge_options(CLI::App& command, PlanFlags& flags, CLI::Option* pausable) {
  add_text(command, "--resume-energy", flags.resume_energy, "E",
           "what a resume costs: 5m of mean power (the default) or 0.2kWh")
      ->needs(pausable);
  add_text(command, "--pause-energy", flags.pause_energy, "E", "what a pause costs")
      ->needs(pausable);
  CLI::Option* restore = add_text(command, "--restore", flags.restore, "D",
                                  "how long a resume takes before work goes on: 2m")
                             ->needs(pausable);
  add_text(command, "--restore-power", flags.restore_power, "W",
           "power meanwhile; default: the job's mean")
      ->needs(restore);
  add_text(command, "--min-run", flags.min_run, "D", "no run shorter than this but the last")
      ->needs(pausable);
  add_text(command, "--min-pause", flags.min_pause, "D", "no pause shorter than this")
      ->needs(pausable);
}

void add_machine_options(CLI::App& command, PlanFlags& flags, const char* help) {
  command.add_option("--machine", flags.machine, help)
      ->type_name("STATE")
      ->check(CLI::IsMember(words_of<plan::Machine>()));
  add_text(command, "--idle-power", flags.idle_power, "W",
           "what a held machine draws while it waits");
  add_text(command, "--hold-g", flags.hold, "G", "embodied carbon of a held machine: 4.7g/h");
  add_text(command, "--price", flags.price, "P", "of a machine that is held: 2.5/h, $2.5/h");
}

void add_forbidden_hours(CLI::App& command, PlanFlags& flags) {
  command
      .add_option("--not", flags.forbidden,
                  "hours of the local day in which it may not run; may be repeated")
      ->type_name("HH:MM-HH:MM")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace lowtide::app
