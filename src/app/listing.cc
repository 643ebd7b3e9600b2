#include "app/listing.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <set>
#include <utility>

#include "account/derive.h"
#include "account/sum.h"
#include "account/timeline.h"
#include "app/keep.h"
#include "app/paths.h"
#include "app/say.h"
#include "app/tables.h"
#include "app/terminal.h"
#include "base/quote.h"
#include "host/clock.h"
#include "record/ledger.h"
#include "show/chart.h"
#include "show/json.h"
#include "show/report_text.h"
#include "show/runs_table.h"

namespace lowtide::app {
namespace {

Result<record::Ledger> open_ledger() {
  const std::string path = ledger_path();
  if (path.empty()) {
    return fail(ErrorKind::absent, "there is no home folder", "ledger",
                "name one with LOWTIDE_HOME");
  }
  recover_runs(path);
  return record::Ledger::open_to_read(path);
}

int refuse(const Error& error) {
  complain(error);
  return status_of(error);
}

// Prints to stdout, or into the file that --out names.
int put(const std::string& text, const std::string& out = {}) {
  if (!out.empty()) {
    const auto done = write_file(out, text);
    return done ? 0 : refuse(done.error());
  }
  std::cout << text << std::flush;
  if (std::cout) return 0;
  return refuse({ErrorKind::temporary, "cannot be written to", "standard output", ""});
}

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

// Which projects there are, for who has named none of them.
std::string projects_there_are(record::Ledger& ledger) {
  std::set<std::string> names;
  if (const auto lines = ledger.list({})) {
    for (const record::RunLine& line : *lines) names.insert(line.project);
  }
  names.erase("");
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all.empty() ? "no run has a project" : "projects: " + all;
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

// A run as it is now: what still runs ends at its last reading.
Result<RunRecord> load(record::Ledger& ledger, const std::string& wanted, bool samples) {
  if (wanted.empty()) {
    return fail(ErrorKind::usage, "the name of a run is empty", "RUN", "`lowtide runs` lists them");
  }
  const auto line = ledger.find(wanted);
  if (!line) return tl::unexpected(line.error());
  if (line->namesakes > 1) {
    warn(std::to_string(line->namesakes) + " runs are named '" + wanted +
         "'; this is the newest, " + line->id);
  }
  return ledger.load(line->key, samples);
}

Result<std::vector<std::string>> wanted_runs(record::Ledger& ledger, const ReportFlags& flags) {
  std::vector<std::string> wanted = flags.runs;
  if (!flags.project.empty()) {
    record::RunFilter filter;
    filter.project = flags.project;
    const auto lines = ledger.list(filter);
    if (!lines) return tl::unexpected(lines.error());
    if (lines->empty()) {
      return fail(ErrorKind::usage, "no run of project " + in_quotes(flags.project), "--project",
                  projects_there_are(ledger));
    }
    for (const record::RunLine& line : *lines) wanted.push_back(line.id);
  }
  if (!wanted.empty()) return wanted;
  return fail(ErrorKind::usage, "no run is named", "report", "try: lowtide report last");
}

// Each run once, however often it is named.
Result<std::vector<account::Report>> derive_each(record::Ledger& ledger,
                                                 const std::vector<std::string>& wanted,
                                                 bool samples) {
  const account::Tables tables = read_tables(data_folder());
  std::vector<account::Report> reports;
  for (const std::string& name : wanted) {
    const auto run = load(ledger, name, samples);
    if (!run) return tl::unexpected(run.error());
    const bool twice = std::any_of(reports.begin(), reports.end(),
                                   [&](const auto& other) { return other.run.id == run->id; });
    if (!twice) reports.push_back(account::derive(*run, tables));
  }
  return reports;
}

Result<std::string> render(const std::vector<account::Report>& reports, const ReportFlags& flags) {
  const bool json = flags.format == "json";
  const show::JsonOptions options{flags.samples};
  const show::Style style = style_of(STDOUT_FILENO);
  if (reports.size() == 1) {
    return json ? show::report_json(reports.front(), options)
                : show::report_text(reports.front(), {}, style);
  }
  const auto sum = account::sum(reports, {flags.mixed_boundary});
  if (!sum) return tl::unexpected(sum.error());
  return json ? show::reports_json(reports, *sum, options)
              : show::reports_text(reports, *sum, style);
}

}  // namespace

int status_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::usage:
      return 2;
    case ErrorKind::malformed:
      return 3;
    case ErrorKind::absent:
    case ErrorKind::denied:
      return 4;
    case ErrorKind::temporary:
    case ErrorKind::ended:
    case ErrorKind::internal:
      return 70;
  }
  return 70;
}

int runs_command(const RunsFlags& flags) {
  const auto filter = filter_of(flags);
  if (!filter) return refuse(filter.error());
  std::vector<account::Report> reports;
  auto ledger = open_ledger();
  if (!ledger && ledger.error().kind != ErrorKind::absent) return refuse(ledger.error());
  if (ledger) {
    const auto lines = ledger->list(*filter);
    if (!lines) return refuse(lines.error());
    const account::Tables tables;
    for (const record::RunLine& line : *lines) {
      const auto run = ledger->load(line.key, false);
      if (!run) return refuse(run.error());
      reports.push_back(account::derive(*run, tables));
    }
  }
  if (flags.json) return put(show::runs_json(reports));
  const std::string none = reports.empty() ? none_listed(flags, *filter, ledger) : "";
  return put(show::runs_table(reports, style_of(STDOUT_FILENO), none));
}

int show_command(const ShowFlags& flags) {
  auto ledger = open_ledger();
  if (!ledger) return refuse(ledger.error());
  const auto run = load(*ledger, flags.run, true);
  if (!run) return refuse(run.error());
  const auto report = account::derive(*run, read_tables(data_folder()));
  if (flags.json) return put(show::report_json(report));
  const show::Style style = style_of(STDOUT_FILENO);
  const auto steps = account::timeline(*run, report, show::chart_steps(style));
  return put(show::report_text(report, steps, style));
}

int report_command(const ReportFlags& flags) {
  auto ledger = open_ledger();
  if (!ledger) return refuse(ledger.error());
  const auto wanted = wanted_runs(*ledger, flags);
  if (!wanted) return refuse(wanted.error());
  const auto reports = derive_each(*ledger, *wanted, flags.samples);
  if (!reports) return refuse(reports.error());
  const auto text = render(*reports, flags);
  return text ? put(*text, flags.out) : refuse(text.error());
}

}  // namespace lowtide::app
