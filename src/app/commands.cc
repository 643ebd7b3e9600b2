#include "app/commands.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/background_fetch.h"
#include "app/cli.h"
#include "app/completions.h"
#include "app/job_file.h"
#include "app/keep.h"
#include "app/say.h"
#include "app/version.h"

namespace lowtide::app {
namespace {

// In the order of --help.
constexpr auto kCommands = {
    add_run,         //
    add_watch,       //
    add_runs,        //
    add_show,        //
    add_report,      //
    add_verify,      //
    add_compare,     //
    add_plan,        //
    add_status,      //
    add_wait,        //
    add_start_now,   //
    add_cancel,      //
    add_resume,      //
    add_review,      //
    add_study,       //
    add_grid,        //
    add_doctor,      //
    add_config,      //
    add_edit,        //
    add_rm,          //
    add_export,      //
    add_help,        //
    add_completion,  //
};

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

// "there are run, runs and show".
std::string names_of(const CLI::App& app) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  std::string text = "there are ";
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (i > 0) text += i + 1 == commands.size() ? " and " : ", ";
    text += commands[i]->get_name();
  }
  return text;
}

int usage_error(const CLI::App& app, const CLI::ParseError& error, const std::string& first) {
  const auto chosen = app.get_subcommands();
  const std::string name = chosen.empty() ? "" : " " + chosen.front()->get_name();
  if (chosen.empty() && !first.empty() && first.front() != '-') {
    complain({ErrorKind::usage, "there is no such command", first,
              names_of(app) + "; see lowtide --help"});
    return kUsage;
  }
  complain({ErrorKind::usage, error.what(), chosen.empty() ? "" : chosen.front()->get_name(),
            "see lowtide" + name + " --help"});
  return name == " run" ? kRefused : kUsage;
}

// What lowtide begins itself and nobody types.
std::optional<int> begun_by_lowtide(int argc, const char* const* argv,
                                    const host::Inherited& inherited) {
  const std::string_view word = argc > 2 ? argv[1] : "";
  if (word == "keep" && argc == 4)
    return keep_command(std::strtoll(argv[2], nullptr, 10), argv[3], inherited);
  if (word == "carry" && argc == 4) return carry_command(argv[2], argv[3]);
  if (word == "fetch-for-run") return fetch_for_run({argv + 2, argv + argc});
  return std::nullopt;
}

}  // namespace

int main_command(int argc, const char* const* argv, const host::Inherited& inherited) {
  if (const auto status = begun_by_lowtide(argc, argv, inherited)) return *status;
  CLI::App app("lowtide: the energy and carbon of a training job, measured and joined slot by slot",
               "lowtide");
  app.set_version_flag("--version", version_text, "Print the version, formats, build and data");
  app.footer(
      "Examples:\n"
      "  lowtide run -- python3 train.py\n"
      "  lowtide show last\n"
      "  lowtide help run");
  app.require_subcommand(1);
  app.formatter(std::make_shared<HelpFormatter>());  // subcommands take it over
  Cli cli{app, inherited, {}};
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "run") {
    add_run(cli);  // a job does not wait for the options of the other commands
  } else {
    for (const auto add : kCommands) add(cli);
  }
  if (first == "__complete") {
    std::cout << completions(app, {argv + 2, argv + argc});
    return 0;
  }
  const bool dry = first == "__parse";  // the words are taken apart and nothing is done
  std::vector<std::string> before = split_at_dashes(argc - int{dry}, argv + int{dry}, cli.after);
  cli.before = before;
  std::reverse(before.begin(), before.end());  // as CLI11 wants a vector
  try {
    app.parse(before);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error, argc > 1 ? argv[1] : "");
  }
  return dry ? 0 : cli.action();
}

}  // namespace lowtide::app
