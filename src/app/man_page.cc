#include "app/man_page.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "app/completions.h"
#include "app/paths.h"
#include "app/setting_list.h"
#include "app/settings.h"
#include "base/time.h"
#include "host/clock.h"

namespace lowtide::app {
namespace {

// Text as roff sets it: a backslash, a hyphen that can be copied, no request at a line's begin.
std::string roff(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool begins = i == 0 || text[i - 1] == '\n';
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += c;
    }
  }
  return out;
}

std::string day() {
  const auto epoch = environment("SOURCE_DATE_EPOCH");
  const Utc t = epoch ? Utc(std::chrono::seconds(std::strtoll(epoch->c_str(), nullptr, 10)))
                      : host::SystemClock().utc();
  return format_utc(t).substr(0, 10);
}

std::string item(const std::string& head, const std::string& text) {
  std::string out = ".TP\n.B ";
  return out.append(roff(head)).append("\n").append(roff(text)).append("\n");
}

std::string options_text(const CLI::App& app) {
  std::string out;
  for (const CLI::Option* option : shown_positionals(app)) {
    out += item(option->get_type_name(), option->get_description());
  }
  for (const CLI::Option* option : shown_options(app)) {
    std::string names = option->get_name(false, true);
    std::replace(names.begin(), names.end(), ',', ' ');
    const std::string type = option->get_items_expected_max() > 0 ? option->get_type_name() : "";
    if (!type.empty()) names.append(" ").append(type);
    out += item(names, option->get_description());
  }
  return out;
}

// Paragraphs as they stand: they hold lists and examples.
std::string footer_text(const std::string& footer) {
  return footer.empty() ? "" : ".PP\n.nf\n" + roff(footer) + "\n.fi\n";
}

std::string commands_text(const CLI::App& app, const std::string& before) {
  std::string out;
  for (const CLI::App* command : shown_commands(app)) {
    const std::string name = before + " " + command->get_name();
    out += ".SS " + roff(name) + "\n" + roff(command->get_description()) + ".\n";
    out += options_text(*command) + footer_text(command->get_footer());
    out += commands_text(*command, name);
  }
  return out;
}

std::string settings_text() {
  std::string out;
  for (const SettingKind& kind : all_settings()) {
    out +=
        item(environment_name(kind.key), std::string(kind.takes) + "; default: " + kind.otherwise);
  }
  return out;
}

constexpr const char* kEnd = R"(.SH EXIT STATUS
.BR "lowtide run" :
the command's own (128+N for a signal) once it has started; before it 125 (lowtide refuses), 126 (not executable),
127 (not found).
Other commands: 0; 1 the answer is no; 2 usage; 3 malformed input; 4 a needed source is absent or denied;
5 a provider failed; 6 no legal plan; 70 internal.
.SH FILES
.TP
.I $XDG_CONFIG_HOME/lowtide/config.toml
settings; the environment comes before it, a flag before both
.TP
.I $LOWTIDE_HOME/ledger.db
the runs; by default in ~/.local/share/lowtide
.SH SEE ALSO
.BR time (1),
.BR nvidia\-smi (1)
)";

}  // namespace

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const auto found =
      app.get_subcommands([&](const CLI::App* sub) { return sub->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

std::string man_page(const CLI::App& root) {
  std::string out =
      ".TH LOWTIDE 1 " + day() + " \"lowtide " LOWTIDE_VERSION "\" \"User Commands\"\n";
  out += ".SH NAME\nlowtide \\- the energy and carbon of a training job\n";
  out += ".SH SYNOPSIS\n.B lowtide\n.I SUBCOMMAND\n[options]\n.br\n";
  out += ".B lowtide run\n[options] \\-\\-\n.I COMMAND\n[arguments]\n";
  out += ".SH DESCRIPTION\n" + roff(root.get_description()) + ".\n";
  out += options_text(root) + footer_text(root.get_footer());
  out += ".SH COMMANDS\n" + commands_text(root, "lowtide");
  out += ".SH ENVIRONMENT\n" + settings_text();
  out += item("LOWTIDE_HOME", "where the ledger is") +
         item("LOWTIDE_RUN_ID", "of run: the record that it is a life or a rank of") +
         item("NO_COLOR", "no colours, if not empty");
  return out + kEnd;
}

}  // namespace lowtide::app
