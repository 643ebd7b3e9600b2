// `lowtide review`: what a shift did against now, against its promise and against the best in
// hindsight.
#include <unistd.h>

#include "app/cli.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/review_answer.h"
#include "app/say.h"
#include "app/terminal.h"
#include "host/clock.h"
#include "show/review_json.h"
#include "show/review_text.h"

namespace lowtide::app {
namespace {

struct ReviewFlags {
  std::string run;
  std::string project;
  std::string json;
};

template <typename View>
int say_all(const View& view, const ReviewFlags& flags) {
  if (!flags.json.empty()) {
    const std::string json = show::review_json(view);
    if (flags.json == "-") return put(json);
    if (const int status = put(json, flags.json); status != 0) return status;
  }
  return put(show::review_text(view, style_of(STDOUT_FILENO)));
}

int review_run(record::Ledger& ledger, record::Acts& acts, const ReviewFlags& flags) {
  const auto run = load_run(ledger, flags.run, false);
  if (!run) return refuse(run.error());
  Settings settings = Settings::load(config_path());
  const auto view = review_of(acts, *run, settings, host::SystemClock().utc());
  return view ? say_all(*view, flags) : refuse(view.error());
}

int review_all(record::Ledger& ledger, record::Acts& acts, const ReviewFlags& flags) {
  Settings settings = Settings::load(config_path());
  const auto all =
      review_of_project(ledger, acts, flags.project, settings, host::SystemClock().utc());
  return all ? say_all(*all, flags) : refuse(all.error());
}

int review_command(const ReviewFlags& flags) {
  if (flags.run.empty() == flags.project.empty()) {
    return refuse({ErrorKind::usage, "one run or one project", "review",
                   "give RUN, or --project P: `lowtide runs` lists them"});
  }
  auto ledger = open_ledger();
  if (!ledger) return refuse(ledger.error());
  auto acts = record::Acts::open_to_read(ledger_path());
  if (!acts) return refuse(acts.error());
  return flags.run.empty() ? review_all(*ledger, *acts, flags) : review_run(*ledger, *acts, flags);
}

}  // namespace

void add_review(Cli& cli) {
  const auto flags = std::make_shared<ReviewFlags>();
  CLI::App& review = add_command(cli, "review", "What a shift did, and why it was not the best",
                                 flags, review_command);
  review.add_option("run", flags->run, "an id, `last`, a unique prefix, or a name")
      ->type_name("RUN");
  review.add_option("--project", flags->project, "all shifted runs of this project, added up")
      ->type_name("P");
  review.add_option("--json", flags->json, "also as JSON (lowtide.review/1); - for stdout alone")
      ->type_name("FILE");
  review.footer(
      "Of a run that a plan moved and that has ended: against starting at once, against what its\n"
      "plan promised, and against the best plan in hindsight.\n"
      "Examples:\n"
      "  lowtide review last\n"
      "  lowtide review --project thesis --json -");
}

}  // namespace lowtide::app
