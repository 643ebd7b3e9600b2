// `lowtide runs`: the ledger, one line a run.
#include <fmt/format.h>
#include <unistd.h>

#include <optional>

#include "account/derive.h"
#include "app/cli.h"
#include "app/ledger_access.h"
#include "app/tables.h"
#include "app/terminal.h"
#include "base/quote.h"
#include "host/clock.h"
#include "show/json.h"
#include "show/runs_table.h"

namespace lowtide::app {
namespace {

struct RunsFlags {
  std::string project;
  std::string tag;
  std::string since;
  std::optional<std::int64_t> limit;
  bool all = false;
  bool json = false;
};

constexpr std::int64_t kShown = 50;  // by default: a screen or two

Result<record::RunFilter> filter_of(const RunsFlags& flags) {
  record::RunFilter filter;
  filter.project = flags.project;
  if (!flags.tag.empty()) {
    const std::size_t equals = flags.tag.find('=');
    if (equals == std::string::npos) {
      return fail(ErrorKind::usage, in_quotes(flags.tag) + " is not name=value", "--tag");
    }
    filter.tag_key = flags.tag.substr(0, equals);
    filter.tag_value = flags.tag.substr(equals + 1);
  }
  if (!flags.json && !flags.all) filter.newest = kShown;
  if (flags.limit) filter.newest = flags.limit;
  if (flags.since.empty()) return filter;
  if (const auto time = parse_utc(flags.since)) {
    filter.since = *time;
  } else if (const auto ago = parse_duration(flags.since)) {
    filter.since = host::SystemClock().utc() - *ago;
  } else {
    return fail(ErrorKind::usage, in_quotes(flags.since) + " is neither a time nor a duration",
                "--since", "write 2026-01-05 or 7d");
  }
  return filter;
}

// Why the list is empty.
std::string none_listed(const RunsFlags& flags, const record::RunFilter& filter,
                        Result<record::Ledger>& ledger) {
  std::string text = "no run";
  if (!flags.project.empty()) text += " of project " + in_quotes(flags.project);
  if (!flags.tag.empty()) text += " with the tag " + in_quotes(flags.tag);
  if (filter.since) text += " since " + show::local_time(*filter.since);
  if (!ledger || text == "no run") return "no runs yet: lowtide run -- COMMAND makes one";
  return flags.project.empty() ? text : text + "; " + projects_there_are(*ledger);
}

// "99,950 older runs": what the limit left out.
std::string more(record::Ledger& ledger, const record::RunFilter& filter, std::size_t shown) {
  const auto older = ledger.count(filter).value_or(0) - static_cast<std::int64_t>(shown);
  if (older <= 0) return {};
  return fmt::format("{} older run{} not shown: --all, --limit N\n", older,
                     older == 1 ? " is" : "s are");
}

Result<std::vector<account::Report>> listed(record::Ledger& ledger,
                                            const record::RunFilter& filter) {
  const auto lines = ledger.list(filter);
  if (!lines) return tl::unexpected(lines.error());
  std::vector<account::Report> reports;
  for (const record::RunLine& line : *lines) {
    const auto run = ledger.whole(line.key, false);
    if (!run) return tl::unexpected(run.error());
    reports.push_back(account::derive(*run, shipped_tables()));
  }
  return reports;
}

int runs_command(const RunsFlags& flags) {
  const auto filter = filter_of(flags);
  if (!filter) return refuse(filter.error());
  auto ledger = open_ledger();
  if (!ledger && ledger.error().kind != ErrorKind::absent) return refuse(ledger.error());
  const auto reports = ledger ? listed(*ledger, *filter) : std::vector<account::Report>{};
  if (!reports) return refuse(reports.error());
  if (flags.json) return put(show::runs_json(*reports));
  const std::string none = reports->empty() ? none_listed(flags, *filter, ledger) : "";
  const std::string table = show::runs_table(*reports, style_of(STDOUT_FILENO), none);
  return put(table + (ledger ? more(*ledger, *filter, reports->size()) : ""));
}

}  // namespace

void add_runs(Cli& cli) {
  const auto flags = std::make_shared<RunsFlags>();
  CLI::App& runs = add_command(cli, "runs", "List the runs in the ledger", flags, runs_command);
  runs.add_option("--project", flags->project, "only of this project")->type_name("NAME");
  runs.add_option("--tag", flags->tag, "only with this label")->type_name("KEY=VALUE");
  runs.add_option("--since", flags->since, "a time (2026-01-05) or how long ago (7d)")
      ->type_name("WHEN");
  CLI::Option* limit =
      runs.add_option("--limit", flags->limit, "at most the newest N (default: 50; --json: all)")
          ->type_name("N")
          ->check(CLI::PositiveNumber);
  runs.add_flag("--all", flags->all, "all of them")->excludes(limit);
  runs.add_flag("--json", flags->json, "as JSON (lowtide.runs/1)");
  runs.footer(
      "Examples:\n"
      "  lowtide runs --project bert --since 7d\n"
      "  lowtide runs --tag phase=final --json");
}

}  // namespace lowtide::app
