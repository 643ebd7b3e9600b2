// `lowtide report`: one run, or several and their sum, in every format.
#include <unistd.h>

#include <algorithm>

#include "account/derive.h"
#include "account/sum.h"
#include "account/timeline.h"
#include "app/cli.h"
#include "app/ledger_access.h"
#include "app/repricing.h"
#include "app/tables.h"
#include "app/terminal.h"
#include "app/values.h"
#include "base/quote.h"
#include "show/csv.h"
#include "show/html.h"
#include "show/json.h"
#include "show/latex.h"
#include "show/markdown.h"
#include "show/report_text.h"
#include "show/repriced.h"

namespace lowtide::app {
namespace {

using Reports = std::vector<account::Report>;

struct ReportFlags {
  std::vector<std::string> runs;
  std::string project;
  std::string format = "text";
  std::string out;
  std::optional<std::string> complete;
  SettingFlags settings;
  bool samples = false;
  bool mixed_boundary = false;
  bool reprice = false;
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

// What a report is made of.
struct Material {
  Reports reports;
  Reports before;                            // with --reprice: each as the ledger has it
  std::vector<account::TimelineStep> chart;  // of one run as HTML
  std::vector<account::TimelineStep> table;
};

// The record as it is, or with today's prices and what it was before.
Result<PricedRecord> read_run(record::Ledger& ledger, const std::string& name, bool samples,
                              bool reprice) {
  auto run = load_run(ledger, name, samples);
  if (!run) return tl::unexpected(run.error());
  if (!reprice) return PricedRecord{{}, std::move(*run)};
  const auto line = ledger.find(run->id);
  return line ? record_priced_again(ledger, line->key, samples) : tl::unexpected(line.error());
}

// Each run once, however often it is named.
Result<Material> derive_each(record::Ledger& ledger, const std::vector<std::string>& wanted,
                             const ReportFlags& flags) {
  const auto tables = tables_in_force(flags.settings);
  if (!tables) return tl::unexpected(tables.error());
  const bool drawn = flags.format == "html" && wanted.size() == 1;
  Material material;
  Reports& reports = material.reports;
  for (const std::string& name : wanted) {
    const auto run = read_run(ledger, name, flags.samples || drawn, flags.reprice);
    if (!run) return tl::unexpected(run.error());
    const bool twice = std::any_of(reports.begin(), reports.end(),
                                   [&](const auto& other) { return other.run.id == run->now.id; });
    if (twice) continue;
    const account::Report& report = reports.emplace_back(account::derive(run->now, *tables));
    if (flags.reprice) material.before.push_back(account::derive(run->before, *tables));
    if (!drawn) continue;
    material.chart = account::timeline(run->now, report, show::kHtmlChartSteps);
    material.table = account::timeline(run->now, report, show::kHtmlTableSteps);
  }
  return material;
}

// A form of output: what it makes of one run, and of several.
struct Format {
  const char* name;
  std::string (*one)(const Material&, const ReportFlags&);
  std::string (*several)(const Reports&, const account::Sum&, const ReportFlags&);
};

std::string before_text(const Material& run) {
  if (run.before.empty()) return {};
  return show::repriced_text(run.before.front(), run.reports.front(), style_of(STDOUT_FILENO));
}

const std::vector<Format>& formats() {
  using account::Sum;
  using Flags = ReportFlags;
  static const std::vector<Format> all = {
      {"text",
       [](const Material& run, const Flags&) {
         return before_text(run) +
                show::report_text(run.reports.front(), {}, style_of(STDOUT_FILENO));
       },
       [](const Reports& reports, const Sum& sum, const Flags&) {
         return show::reports_text(reports, sum, style_of(STDOUT_FILENO));
       }},
      {"json",
       [](const Material& run, const Flags& flags) {
         const account::Report* before = run.before.empty() ? nullptr : &run.before.front();
         return show::report_json(run.reports.front(), {flags.samples, before});
       },
       [](const Reports& reports, const Sum& sum, const Flags& flags) {
         return show::reports_json(reports, sum, {flags.samples});
       }},
      {"csv",
       [](const Material& run, const Flags&) { return show::reports_csv(run.reports, nullptr); },
       [](const Reports& reports, const Sum& sum, const Flags&) {
         return show::reports_csv(reports, &sum);
       }},
      {"md",
       [](const Material& run, const Flags&) { return show::report_markdown(run.reports.front()); },
       [](const Reports& reports, const Sum& sum, const Flags&) {
         return show::reports_markdown(reports, sum);
       }},
      {"latex",
       [](const Material& run, const Flags&) { return show::report_latex(run.reports.front()); },
       [](const Reports& reports, const Sum& sum, const Flags&) {
         return show::reports_latex(reports, sum);
       }},
      {"html",
       [](const Material& run, const Flags&) {
         return show::report_html(run.reports.front(), {run.chart, run.table});
       },
       [](const Reports& reports, const Sum& sum, const Flags&) {
         return show::reports_html(reports, sum);
       }},
  };
  return all;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Format& format : formats()) names.emplace_back(format.name);
  return names;
}

Result<std::string> render(const Material& material, const ReportFlags& flags) {
  const auto format = std::find_if(formats().begin(), formats().end(),
                                   [&](const Format& known) { return known.name == flags.format; });
  if (material.reports.size() == 1) return format->one(material, flags);
  const auto sum = account::sum(material.reports, {flags.mixed_boundary});
  if (!sum) return tl::unexpected(sum.error());
  return format->several(material.reports, *sum, flags);
}

// Of several runs nobody could tell which of them the share is of.
Result<void> complete_one(Reports& reports, const account::JobShare& share) {
  if (reports.size() > 1) {
    return fail(ErrorKind::usage,
                "is of one run, and " + std::to_string(reports.size()) + " are named", "--complete",
                "name the run that was a part of a job");
  }
  account::complete(reports.front(), share);
  return {};
}

// Before and now stand side by side for one run, in the two forms that have a place for it.
Result<void> check_reprice(const ReportFlags& flags, std::size_t runs) {
  if (!flags.reprice || (runs == 1 && (flags.format == "text" || flags.format == "json")))
    return {};
  return fail(ErrorKind::usage, "is of one run, as text or json", "--reprice",
              "name one run, or leave it out: a report completes what is provisional");
}

int report_command(const ReportFlags& flags) {
  const auto share = parse_job_share(flags.complete.value_or("100%"));
  if (!share) return refuse(share.error());
  auto ledger = open_ledger();
  if (!ledger) return refuse(ledger.error());
  const auto wanted = wanted_runs(*ledger, flags);
  if (!wanted) return refuse(wanted.error());
  if (auto good = check_reprice(flags, wanted->size()); !good) return refuse(good.error());
  if (!flags.reprice) complete_for_report(*ledger, *wanted);
  auto material = derive_each(*ledger, *wanted, flags);
  if (!material) return refuse(material.error());
  if (flags.complete) {
    if (auto done = complete_one(material->reports, *share); !done) return refuse(done.error());
  }
  const auto text = render(*material, flags);
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
  report
      .add_option("--complete", flags->complete,
                  "the run was this part of a job (13%, 8/60): extrapolate to the whole")
      ->type_name("SHARE");
  report.add_flag("--reprice", flags->reprice,
                  "with what is known of the intensity today, beside what it was (stores nothing)");
  add_equivalents(report, flags->settings);
  report.add_flag("--samples", flags->samples, "with the power samples (json)");
  report.add_flag("--mixed-boundary", flags->mixed_boundary,
                  "sum runs even if they measured different components");
  report.footer(
      "Examples:\n"
      "  lowtide report last --format json\n"
      "  lowtide report last --format html --out report.html\n"
      "  lowtide report --project bert --format csv --out runs.csv");
}

}  // namespace lowtide::app
