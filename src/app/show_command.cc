// `lowtide show`: one run on the terminal.
#include <unistd.h>

#include "account/derive.h"
#include "account/timeline.h"
#include "app/cli.h"
#include "app/follow.h"
#include "app/ledger_access.h"
#include "app/tables.h"
#include "app/terminal.h"
#include "app/values.h"
#include "show/chart.h"
#include "show/explain.h"
#include "show/json.h"
#include "show/report_text.h"

namespace lowtide::app {
namespace {

struct ShowFlags {
  std::string run;
  bool json = false;
  bool explain = false;
  bool all = false;
  bool follow = false;
  std::optional<std::string> complete;
  SettingFlags settings;
};

int show_command(const ShowFlags& flags) {
  const auto share = parse_job_share(flags.complete.value_or("100%"));
  if (!share) return refuse(share.error());
  auto ledger = open_ledger();
  if (!ledger) return refuse(ledger.error());
  auto run = load_run(*ledger, flags.run, true);
  if (!run) return refuse(run.error());
  const auto tables = tables_in_force(flags.settings);
  if (!tables) return refuse(tables.error());
  if (flags.follow) {
    if (const int status = follow(*run); status != 0) return status;
  }
  auto report = account::derive(*run, *tables);
  if (flags.complete) account::complete(report, *share);
  if (flags.json) return put(show::report_json(report));
  const show::Style style = style_of(STDOUT_FILENO);
  if (flags.explain) {
    return put(show::explanation_text(show::explain(*run, report, flags.all), style));
  }
  const auto steps = account::timeline(*run, report, show::chart_steps(style));
  return put(show::report_text(report, steps, style));
}

}  // namespace

void add_show(Cli& cli) {
  const auto flags = std::make_shared<ShowFlags>();
  CLI::App& show = add_command(cli, "show", "Show one run: chart, energy, carbon, where from",
                               flags, show_command);
  show.add_option("run", flags->run, "an id, `last`, a unique prefix, or a name")
      ->type_name("RUN")
      ->required();
  show.add_flag("--follow", flags->follow,
                "wait for the end of the run; on a terminal, draw it meanwhile (^C leaves it)");
  show.add_flag("--json", flags->json, "as JSON (lowtide.report/1)");
  CLI::Option* complete =
      show.add_option("--complete", flags->complete,
                      "the run was this part of a job (13%, 8/60): extrapolate to the whole")
          ->type_name("SHARE");
  add_equivalents(show, flags->settings);
  CLI::Option* explain =
      show.add_flag("--explain", flags->explain,
                    "derive the figures by hand: readings, charges, slots, factors, bounds")
          ->excludes(complete);
  show.add_flag("--all", flags->all, "every reading and slot, not only the first and the last")
      ->needs(explain);
  show.footer(
      "Examples:\n"
      "  lowtide show last\n"
      "  lowtide show last --follow             # as it goes on, then as above\n"
      "  lowtide show last --explain            # every figure derived by hand");
}

}  // namespace lowtide::app
