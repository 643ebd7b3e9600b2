#include "app/shift_options.h"

#include "app/plan_options.h"

namespace lowtide::app {
namespace {

constexpr const char* kWhen = "When it runs";
constexpr const char* kPause = "Pausing";
constexpr const char* kCosts = "What pausing and waiting cost";

void add_window(CLI::App& run, ShiftFlags& flags) {
  CLI::Option* start = add_text(run, "--start-within", flags.start_within, "D",
                                "Flexible Start: it may wait so long for cleaner hours: 24h, 25%");
  CLI::Option* finish = add_text(run, "--finish-within", flags.plan.finish_within, "D",
                                 "when it must be done: 36h, 2x its length, or a "
                                 "time:\n2026-03-02T09:00 (local, or with an offset)");
  start->excludes(finish);
  add_text(run, "--expect", flags.expect, "D",
           "how long it takes; default: as the last finished run of its name");
  add_forbidden_hours(run, flags.plan);
  run.add_option("--gpu-turn", flags.gpu_turn,
                 "where another moved run has the GPU: share it (default), or wait for it as long "
                 "as the deadline allows")
      ->type_name("WAY")
      ->check(CLI::IsMember({"share", "wait"}));
  run.add_flag("--detach", flags.detach, "wait and run in the background, past the log-out");
  run.add_flag("--dry-run", flags.dry_run, "show the plan and start nothing");
  run.add_flag("--trust-typical", flags.trust_typical,
               "shift by a typical year even where its gain is not sure");
  run.add_flag("--require-forecast", flags.require_forecast,
               "refuse where no forecast covers the window");
  run.add_option("--carry", flags.carry)->group("");  // for lowtide itself
}

CLI::Option* add_pausing(CLI::App& run, ShiftFlags& flags) {
  CLI::Option* pause =
      add_text(run, "--pause", flags.pause, "WAY",
               "Pause and Resume: freeze (stop all processes) or checkpoint (save and end)");
  pause->check(CLI::IsMember({"freeze", "checkpoint"}));
  const auto more = [&](const char* name, auto& into, const char* type, const char* help) {
    run.add_option(name, into, help)->type_name(type)->needs(pause);
  };
  more("--checkpoint-signal", flags.signal, "SIGNAL", "asks the job to save and end: USR1");
  more("--checkpoint-grace", flags.grace, "D", "how long saving may take: 60s");
  more("--checkpoint-to", flags.target, "WHO",
       "who is asked: main (the first process), tree, or a file that holds a pid");
  more("--paused-status", flags.paused_status, "N", "the exit status of a job that has saved");
  more("--resume-args", flags.resume_args, "ARGS", "added to the command when it goes on");
  return pause;
}

}  // namespace

void add_shift_options(CLI::App& run, ShiftFlags& flags) {
  flags.plan.machine.clear();  // by the way of pausing, unless it is said
  const auto grouped = [&](const char* group, const auto& add) {
    const std::size_t before = run.get_options().size();
    add();
    auto options = run.get_options();
    for (std::size_t i = before; i < options.size(); ++i) {
      if (!options[i]->get_group().empty()) options[i]->group(group);
    }
  };
  CLI::Option* pause = nullptr;
  grouped(kWhen, [&] { add_window(run, flags); });
  grouped(kPause, [&] { pause = add_pausing(run, flags); });
  grouped(kCosts, [&] {
    add_charge_options(run, flags.plan, pause);
    add_machine_options(run, flags.plan,
                        "while it waits: held (default for freeze), stays-on or released");
    add_text(run, "--other-signal", flags.plan.other_signal, "SOURCE",
             "a series of the signal that does not decide: is the plan better on it too?");
    run.add_option("--agree", flags.plan.agree,
                   "both: shift only where both signals call it better")
        ->type_name("WHAT")
        ->check(CLI::IsMember({"both"}));
  });
}

}  // namespace lowtide::app
