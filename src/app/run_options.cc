// `lowtide run`: its options, and the start of what they ask for.
#include <algorithm>

#include "app/cli.h"
#include "app/paths.h"
#include "app/run_command.h"
#include "app/say.h"
#include "app/setting_options.h"
#include "app/shift_options.h"

namespace lowtide::app {
namespace {

struct RunLineFlags {
  RunFlags run;
  SettingFlags settings;
};

// Lowtide's own words, without a command that stands behind them.
std::vector<std::string> own_words(const Cli& cli, std::size_t of_command) {
  std::vector<std::string> words = cli.before;
  words.resize(words.size() - std::min(of_command, words.size()));
  return words;
}

int run_chosen(const Cli& cli, RunLineFlags& line) {
  line.run.shift.words = own_words(cli, line.run.command.size());
  line.run.setting_flags = line.settings;
  line.run.command.insert(line.run.command.end(), cli.after.begin(), cli.after.end());
  if (line.run.command.empty()) {
    complain({ErrorKind::usage, "no command is given", "run",
              "write it after --: lowtide run -- python3 train.py"});
    return kRefused;
  }
  Settings settings = Settings::load(config_path());
  for (auto& [key, value] : line.settings) settings.set_flag(key, std::move(value));
  return run_command(line.run, settings, cli.inherited);
}

}  // namespace

void add_run(Cli& cli) {
  const auto line = std::make_shared<RunLineFlags>();
  CLI::App& run = add_command(cli, "run", "Run a command unchanged and meter it", line,
                              [&cli](RunLineFlags& flags) { return run_chosen(cli, flags); });
  run.footer(
      "The exit status is the command's own (128+N for a signal); before it starts: 125 lowtide\n"
      "refuses, 126 not executable, 127 not found.\n\n"
      "TERM, HUP, USR1, USR2 and CONT sent to lowtide reach the command, unless the sender is in\n"
      "its own process group, as in a script without job control: send them to the command or to\n"
      "the group (kill -TERM -PGID), or start lowtide with setsid.\n\nExamples:\n"
      "  lowtide run -- python3 train.py\n"
      "  lowtide run --location azure:westus2 --project bert -- python3 train.py\n"
      "  lowtide run --intensity 475g/kWh --json run.json -- make\n"
      "  lowtide run --per '1000 samples' --count samples=60000 -- ./train\n"
      "  lowtide run --continue last -- ./train --resume     # after a crash: one record\n"
      "  LOWTIDE_RUN_ID=bert-7 lowtide run -- ./train        # each restart and rank with this id\n"
      "  lowtide run --start-within 24h -- python3 train.py    # waits for cleaner hours\n"
      "  lowtide run --finish-within 2x --pause checkpoint -- python3 train.py");
  add_metering_settings(run, line->settings);
  add_equivalents(run, line->settings);
  run.add_option("--name", line->run.name, "name of the run; default: the program's")
      ->type_name("NAME");
  run.add_option("--continue", line->run.continues,
                 "this is a further life of RUN: one record, no time between")
      ->type_name("RUN");
  run.add_option("--tag", line->run.tags, "a label; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  run.add_option("--count", line->run.counts, "what was done, for --per; may be repeated")
      ->type_name("NAME=N")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  run.add_option("--json", line->run.json_path, "write the report to this file")->type_name("FILE");
  run.add_flag_callback(
      "--quiet", [line] { line->settings.emplace_back("quiet", "true"); },
      "no summary, no live line");
  add_shift_options(run, line->run.shift);
  run.add_flag("--no-command", line->run.no_command, "do not keep the command line");
  run.add_option("command", line->run.command, "the command and its arguments")
      ->type_name("COMMAND")
      ->expected(-1);
  run.positionals_at_end(true);
}

}  // namespace lowtide::app
