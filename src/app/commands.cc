#include "app/commands.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "app/keep.h"
#include "app/listing.h"
#include "app/paths.h"
#include "app/run_command.h"
#include "app/say.h"

namespace lowtide::app {
namespace {

constexpr int kUsage = 2;
constexpr int kRefused = 125;

// CLI11 writes the job's words as one more option; people look for the `--`.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string text = CLI::Formatter::make_usage(app, std::move(name));
    const std::string plain = "[command...]";
    const std::size_t at = text.find(plain);
    if (at != std::string::npos) text.replace(at, plain.size(), "-- COMMAND [ARG...]");
    return text;
  }
};

struct CommandLine {
  RunFlags run;
  RunsFlags runs;
  ShowFlags show;
  ReportFlags report;
  // Flags of settings that environment and config know too: key and value.
  std::vector<std::pair<std::string, std::string>> settings;
};

// An option whose value goes to the settings under its own name.
void add_setting(CLI::App& command, CommandLine& line, const std::string& key,
                 const std::string& value_name, const std::string& help) {
  command
      .add_option_function<std::string>(
          "--" + key,
          [&line, key](const std::string& value) { line.settings.emplace_back(key, value); }, help)
      ->type_name(value_name);
}

void add_run(CLI::App& app, CommandLine& line) {
  CLI::App& run = *app.add_subcommand("run", "Run a command unchanged and meter it");
  run.footer(
      "The exit status is the command's own (128+N for a signal); before it starts: 125 lowtide\n"
      "refuses, 126 not executable, 127 not found.\n\n"
      "TERM, HUP, USR1, USR2 and CONT sent to lowtide reach the command, unless the sender is in\n"
      "its own process group, as in a script without job control: send them to the command or to\n"
      "the group (kill -TERM -PGID), or start lowtide with setsid.\n\nExamples:\n"
      "  lowtide run -- python3 train.py\n"
      "  lowtide run --location azure:westus2 --project bert -- python3 train.py\n"
      "  lowtide run --intensity 475g/kWh --json run.json -- make\n"
      "  lowtide run --per '1000 samples' --count samples=60000 -- ./train");
  add_setting(run, line, "location", "PLACE",
              "zone (US-CAL-CISO), cloud region (aws:us-east-1) or LAT,LON; default: assumed");
  add_setting(run, line, "intensity", "SOURCE",
              "typical (default), file:PATH, or a number: 475g/kWh");
  add_setting(run, line, "signal", "SIGNAL", "average (default) or marginal");
  add_setting(run, line, "interval", "DURATION", "between readings of counters; default 1s");
  add_setting(run, line, "pue", "X", "power usage effectiveness; default: of the cloud region");
  add_setting(run, line, "embodied", "G",
              "embodied carbon: grams, none or auto (default: an assumed share)");
  add_setting(run, line, "project", "NAME", "the project that the run belongs to");
  add_setting(run, line, "per", "R",
              "functional unit of the SCI: run (default), hour, gpu-hour, '1000 samples'");
  add_setting(run, line, "gpus", "LIST", "all, none, or indices or UUIDs: the GPUs that count");
  add_setting(run, line, "idle", "RULE", "charge of idle energy: reserved (default), all or none");
  add_setting(run, line, "wait-sensors", "DURATION",
              "how long the start may wait for the GPU driver; default 100ms");
  run.add_option("--name", line.run.name, "name of the run; default: the program's")
      ->type_name("NAME");
  run.add_option("--tag", line.run.tags, "a label; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  run.add_option("--count", line.run.counts, "what was done, for --per; may be repeated")
      ->type_name("NAME=N")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  run.add_option("--json", line.run.json_path, "write the report to this file")->type_name("FILE");
  run.add_flag_callback(
      "--quiet", [&line] { line.settings.emplace_back("quiet", "true"); },
      "no summary, no live line");
  run.add_flag("--no-command", line.run.no_command, "do not keep the command line");
  run.add_option("command", line.run.command, "the command and its arguments")
      ->type_name("COMMAND")
      ->expected(-1);
  run.positionals_at_end(true);
}

void add_runs(CLI::App& app, CommandLine& line) {
  CLI::App& runs = *app.add_subcommand("runs", "List the runs in the ledger");
  runs.add_option("--project", line.runs.project, "only of this project")->type_name("NAME");
  runs.add_option("--tag", line.runs.tag, "only with this label")->type_name("KEY=VALUE");
  runs.add_option("--since", line.runs.since, "a time (2026-01-05) or how long ago (7d)")
      ->type_name("WHEN");
  runs.add_flag("--json", line.runs.json, "as JSON");
}

void add_show(CLI::App& app, CommandLine& line) {
  CLI::App& show = *app.add_subcommand("show", "Show one run: chart, energy, carbon, where from");
  show.add_option("run", line.show.run, "an id, `last`, a unique prefix, or a name")
      ->type_name("RUN")
      ->required();
  show.add_flag("--json", line.show.json, "as JSON (lowtide.report/1)");
}

void add_report(CLI::App& app, CommandLine& line) {
  CLI::App& report = *app.add_subcommand("report", "Report one run, or several and their sum");
  report.add_option("runs", line.report.runs, "ids, `last`, unique prefixes, or names")
      ->type_name("RUN");
  report.add_option("--project", line.report.project, "all runs of this project")
      ->type_name("NAME");
  report.add_option("--format", line.report.format, "text (default) or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}));
  report.add_option("--out", line.report.out, "write to this file")->type_name("FILE");
  report.add_flag("--samples", line.report.samples, "with the power samples (json)");
  report.add_flag("--mixed-boundary", line.report.mixed_boundary,
                  "sum runs even if they measured different components");
}

// Everything after the first `--` is the job's, whatever it looks like: CLI11 never sees it.
std::vector<std::string> split_at_dashes(int argc, const char* const* argv,
                                         std::vector<std::string>& after) {
  std::vector<std::string> before(argv + 1, argv + argc);
  const auto dashes = std::find(before.begin(), before.end(), "--");
  if (dashes == before.end()) return before;
  after.assign(dashes + 1, before.end());
  before.erase(dashes, before.end());
  return before;
}

int usage_error(const CLI::App& app, const CLI::ParseError& error, const std::string& first) {
  const auto chosen = app.get_subcommands();
  const std::string name = chosen.empty() ? "" : " " + chosen.front()->get_name();
  if (chosen.empty() && !first.empty() && first.front() != '-') {
    complain({ErrorKind::usage, "there is no such command", first,
              "there are run, runs, show and report; see lowtide --help"});
    return kUsage;
  }
  complain({ErrorKind::usage, error.what(), chosen.empty() ? "" : chosen.front()->get_name(),
            "see lowtide" + name + " --help"});
  return name == " run" ? kRefused : kUsage;
}

int dispatch(const CLI::App& app, CommandLine& line, const host::Inherited& inherited) {
  const std::string command = app.get_subcommands().front()->get_name();
  if (command == "runs") return runs_command(line.runs);
  if (command == "show") return show_command(line.show);
  if (command == "report") return report_command(line.report);
  if (line.run.command.empty()) {
    complain({ErrorKind::usage, "no command is given", "run",
              "write it after --: lowtide run -- python3 train.py"});
    return kRefused;
  }
  Settings settings = Settings::load(config_path());
  for (auto& [key, value] : line.settings) settings.set_flag(key, std::move(value));
  return run_command(line.run, settings, inherited);
}

}  // namespace

int main_command(int argc, const char* const* argv, const host::Inherited& inherited) {
  if (argc == 4 && std::string_view(argv[1]) == "keep") {
    return keep_command(std::strtoll(argv[2], nullptr, 10), argv[3], inherited);
  }
  CommandLine line;
  CLI::App app("lowtide: the energy and carbon of a training job, measured and joined slot by slot",
               "lowtide");
  app.set_version_flag("--version", "lowtide " LOWTIDE_VERSION, "Print the version");
  app.require_subcommand(1);
  app.formatter(std::make_shared<HelpFormatter>());  // subcommands take it over
  add_run(app, line);
  add_runs(app, line);
  add_show(app, line);
  add_report(app, line);
  std::vector<std::string> after;
  std::vector<std::string> before = split_at_dashes(argc, argv, after);
  std::reverse(before.begin(), before.end());  // as CLI11 wants a vector
  try {
    app.parse(before);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error, argc > 1 ? argv[1] : "");
  }
  line.run.command.insert(line.run.command.end(), after.begin(), after.end());
  return dispatch(app, line, inherited);
}

}  // namespace lowtide::app
