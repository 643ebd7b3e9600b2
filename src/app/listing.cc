#include "app/listing.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <utility>

#include "account/derive.h"
#include "account/sum.h"
#include "account/timeline.h"
#include "app/keep.h"
#include "app/paths.h"
#include "app/say.h"
#include "app/tables.h"
#include "app/terminal.h"
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
      return fail(ErrorKind::usage, "'" + flags.tag + "' is not name=value", "--tag");
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
    return fail(ErrorKind::usage, "'" + flags.since + "' is neither a time nor a duration",
                "--since", "write 2026-01-05 or 7d");
  }
  return filter;
}

// A run as it is now: what still runs ends at its last reading.
Result<RunRecord> load(record::Ledger& ledger, const std::string& wanted, bool samples) {
  const auto line = ledger.find(wanted);
  if (!line) return tl::unexpected(line.error());
  if (line->namesakes > 1) {
    warn(std::to_string(line->namesakes) + " runs are named '" + wanted +
         "'; this is the newest, " + line->id);
  }
  return ledger.load(line->key, samples);
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
  return put(flags.json ? show::runs_json(reports)
                        : show::runs_table(reports, style_of(STDOUT_FILENO)));
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
  std::vector<std::string> wanted = flags.runs;
  if (!flags.project.empty()) {
    record::RunFilter filter;
    filter.project = flags.project;
    const auto lines = ledger->list(filter);
    if (!lines) return refuse(lines.error());
    for (const record::RunLine& line : *lines) wanted.push_back(line.id);
  }
  if (wanted.empty()) {
    return refuse({ErrorKind::usage, "no run is named", "report", "try: lowtide report last"});
  }
  const account::Tables tables = read_tables(data_folder());
  std::vector<account::Report> reports;
  for (const std::string& name : wanted) {
    const auto run = load(*ledger, name, flags.samples);
    if (!run) return refuse(run.error());
    const bool twice = std::any_of(reports.begin(), reports.end(), [&](const auto& other) {
      return other.run.id == run->id;
    });
    if (!twice) reports.push_back(account::derive(*run, tables));
  }
  const show::Style style = style_of(STDOUT_FILENO);
  const show::JsonOptions json{flags.samples};
  if (reports.size() == 1) {
    return put(flags.format == "json" ? show::report_json(reports.front(), json)
                                      : show::report_text(reports.front(), {}, style),
               flags.out);
  }
  const auto sum = account::sum(reports, {flags.mixed_boundary});
  if (!sum) return refuse(sum.error());
  return put(flags.format == "json" ? show::reports_json(reports, *sum, json)
                                    : show::reports_text(reports, *sum, style),
             flags.out);
}

}  // namespace lowtide::app
