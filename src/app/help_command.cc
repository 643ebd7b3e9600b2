// `lowtide help`: the help of a command, or all of it as one page of the manual.
#include "app/cli.h"
#include "app/ledger_access.h"
#include "app/man_page.h"

namespace lowtide::app {
namespace {

struct HelpFlags {
  std::vector<std::string> command;
  bool man = false;
};

int help_command(const CLI::App& root, const HelpFlags& flags) {
  if (flags.man) return put(man_page(root));
  const CLI::App* app = &root;
  std::string name = "lowtide";
  for (const std::string& word : flags.command) {
    const auto* next = find_command(*app, word);
    if (next == nullptr) {
      return refuse({ErrorKind::usage, "there is no such command", word, "see lowtide --help"});
    }
    app = next;
    name += " " + word;
  }
  // Not app->help(): that goes on to the command that was chosen, this one.
  return put(app->get_formatter()->make_help(app, name, CLI::AppFormatMode::Normal));
}

}  // namespace

void add_help(Cli& cli) {
  const auto flags = std::make_shared<HelpFlags>();
  CLI::App& help =
      add_command(cli, "help", "Say what a command does, as its --help", flags,
                  [&cli](const HelpFlags& given) { return help_command(cli.app, given); });
  help.add_option("subcommand", flags->command, "the command; default: all of them")
      ->type_name("SUBCOMMAND");
  help.add_flag("--man", flags->man, "everything, as a page of the manual (roff)");
  help.footer(
      "Examples:\n"
      "  lowtide help run\n"
      "  lowtide help --man | man -l -          # where the page is not installed");
}

}  // namespace lowtide::app
