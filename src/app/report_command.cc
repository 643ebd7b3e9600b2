// `lowtide report`: one run, or several and their sum, in every format.
#include <unistd.h>

#include <algorithm>

#include "account/derive.h"
#include "account/sum.h"
#include "app/cli.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/tables.h"
#include "app/terminal.h"
#include "base/quote.h"
#include "show/csv.h"
#include "show/json.h"
#include "show/latex.h"
#include "show/markdown.h"
#include "show/report_text.h"

namespace lowtide::app {
namespace {

using Reports = std::vector<account::Report>;

struct ReportFlags {
  std::vector<std::string> runs;
  std::string project;
  std::string format = "text";
  std::string out;
  bool samples = false;
  bool mixed_boundary = false;
};

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
Result<Reports> derive_each(record::Ledger& ledger, const std::vector<std::string>& wanted,
                            bool samples) {
  const account::Tables tables = read_tables(data_folder());
  Reports reports;
  for (const std::string& name : wanted) {
    const auto run = load_run(ledger, name, samples);
    if (!run) return tl::unexpected(run.error());
    const bool twice = std::any_of(reports.begin(), reports.end(),
                                   [&](const auto& other) { return other.run.id == run->id; });
    if (!twice) reports.push_back(account::derive(*run, tables));
  }
  return reports;
}

// A form of output: what it makes of one run, and of several.
struct Format {
  const char* name;
  std::string (*one)(const account::Report&, const ReportFlags&);
  std::string (*several)(const Reports&, const account::Sum&, const ReportFlags&);
};

const std::vector<Format>& formats() {
  using account::Report;
  using account::Sum;
  using Flags = ReportFlags;
  static const std::vector<Format> all = {
      {"text",
       [](const Report& report, const Flags&) {
         return show::report_text(report, {}, style_of(STDOUT_FILENO));
       },
       [](const Reports& reports, const Sum& sum, const Flags&) {
         return show::reports_text(reports, sum, style_of(STDOUT_FILENO));
       }},
      {"json",
       [](const Report& report, const Flags& flags) {
         return show::report_json(report, {flags.samples});
       },
       [](const Reports& reports, const Sum& sum, const Flags& flags) {
         return show::reports_json(reports, sum, {flags.samples});
       }},
      {"csv",
       [](const Report& report, const Flags&) { return show::reports_csv({&report, 1}, nullptr); },
       [](const Reports& reports, const Sum& sum, const Flags&) {
         return show::reports_csv(reports, &sum);
       }},
      {"md", [](const Report& report, const Flags&) { return show::report_markdown(report); },
       [](const Reports& reports, const Sum& sum, const Flags&) {
         return show::reports_markdown(reports, sum);
       }},
      {"latex", [](const Report& report, const Flags&) { return show::report_latex(report); },
       [](const Reports& reports, const Sum& sum, const Flags&) {
         return show::reports_latex(reports, sum);
       }},
  };
  return all;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Format& format : formats()) names.emplace_back(format.name);
  return names;
}

Result<std::string> render(const Reports& reports, const ReportFlags& flags) {
  const auto format = std::find_if(formats().begin(), formats().end(),
                                   [&](const Format& known) { return known.name == flags.format; });
  if (reports.size() == 1) return format->one(reports.front(), flags);
  const auto sum = account::sum(reports, {flags.mixed_boundary});
  if (!sum) return tl::unexpected(sum.error());
  return format->several(reports, *sum, flags);
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

}  // namespace

void add_report(Cli& cli) {
  const auto flags = std::make_shared<ReportFlags>();
  CLI::App& report =
      add_command(cli, "report", "Report one run, or several and their sum", flags, report_command);
  report.add_option("runs", flags->runs, "ids, `last`, unique prefixes, or names")
      ->type_name("RUN");
  report.add_option("--project", flags->project, "all runs of this project")->type_name("NAME");
  report.add_option("--format", flags->format, "form of the report (default: text)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(format_names()));
  report.add_option("--out", flags->out, "write to this file")->type_name("FILE");
  report.add_flag("--samples", flags->samples, "with the power samples (json)");
  report.add_flag("--mixed-boundary", flags->mixed_boundary,
                  "sum runs even if they measured different components");
}

}  // namespace lowtide::app
