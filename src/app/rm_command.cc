// `lowtide rm`: removes runs from the ledger.
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "account/derive.h"
#include "app/cli.h"
#include "app/job_file.h"
#include "app/ledger_access.h"
#include "app/say.h"
#include "app/tables.h"
#include "app/terminal.h"
#include "show/runs_table.h"

namespace lowtide::app {
namespace {

struct RmFlags {
  std::vector<std::string> runs;
  bool yes = false;
};

std::string counted(std::size_t runs) {
  return fmt::format("{} run{}", runs, runs == 1 ? "" : "s");
}

// Shows what would go and asks on the terminal.
Result<bool> agreed(const std::vector<RunRecord>& runs) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
    return fail(ErrorKind::usage, "asks before it removes, and this is no terminal", "rm",
                "give --yes");
  }
  std::vector<account::Report> reports;
  reports.reserve(runs.size());
  for (const RunRecord& run : runs) reports.push_back(account::derive(run, shipped_tables()));
  say(show::runs_table(reports, style_of(STDERR_FILENO)) + "Remove " + counted(runs.size()) +
      " for good? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

// What became of the room that they took; nothing where it was less than a page.
std::string room(record::Ledger& ledger) {
  const auto space = ledger.reclaim();
  if (!space) return "the room stays in the ledger for later runs: " + space.error().line() + "\n";
  if (space->returned > 0)
    return fmt::format("{} kB given back to the disk\n", space->returned / 1000);
  if (space->kept == 0) return {};
  return fmt::format("{} kB stay in the ledger, for later runs\n", space->kept / 1000);
}

// What a job printed when no terminal was left is the user's, as any file of the job; of one that
// never began only lowtide's own words are there.
std::string output_of(const RunRecord& run) {
  const std::string path = run_files(run.id).path("out");
  const bool stays = run.begin && access(path.c_str(), F_OK) == 0;
  return stays ? "  what it printed stays: " + path + "\n" : "";
}

void remove_own_words(const std::vector<RunRecord>& runs) {
  for (const RunRecord& run : runs) {
    if (!run.begin) unlink(run_files(run.id).path("out").c_str());
  }
}

int rm_command(const RmFlags& flags) {
  auto ledger = open_ledger_to_change();
  if (!ledger) return refuse(ledger.error());
  const auto runs = load_runs(*ledger, flags.runs);
  if (!runs) return refuse(runs.error());
  std::vector<std::string> ids;
  std::string text;
  for (const RunRecord& run : *runs) {
    if (const auto ended = ledger->ended(run.id); !ended) return refuse(ended.error());
    ids.push_back(run.id);
    text += fmt::format("removed {} {}\n", run.id, show::title(run)) + output_of(run);
  }
  const auto go = flags.yes ? Result<bool>(true) : agreed(*runs);
  if (!go) return refuse(go.error());
  if (!*go) {
    say("nothing was removed\n");
    return 1;
  }
  if (const auto done = ledger->remove(ids); !done) return refuse(done.error());
  remove_own_words(*runs);
  return put(text + room(*ledger));
}

}  // namespace

void add_rm(Cli& cli) {
  const auto flags = std::make_shared<RmFlags>();
  CLI::App& rm = add_command(cli, "rm", "Remove runs from the ledger", flags, rm_command);
  rm.footer(
      "All of them or none; a run that goes on is not removed.\n\n"
      "Examples:\n"
      "  lowtide rm last\n"
      "  lowtide rm 7f3a 81bc --yes");
  rm.add_option("runs", flags->runs, "ids, `last`, unique prefixes, or names")
      ->type_name("RUN")
      ->required();
  rm.add_flag("--yes", flags->yes, "do not ask");
}

}  // namespace lowtide::app
