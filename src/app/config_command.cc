// `lowtide config`: the settings and where each comes from; changes config.toml.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "app/cli.h"
#include "app/config_file.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/say.h"
#include "app/setting_list.h"
#include "app/terminal.h"
#include "host/files.h"
#include "show/settings.h"

namespace lowtide::app {
namespace {

struct ConfigFlags {
  std::string key;
  std::string value;
  bool json = false;
  int (*act)(const ConfigFlags&) = nullptr;  // of the word after `config`
};

constexpr const char* kMasked = "***";

bool listed(const std::string& key) {
  const auto all = all_settings();
  return std::any_of(all.begin(), all.end(), [&](const auto& kind) { return kind.key == key; });
}

show::SettingLine line_of(Settings& settings, const SettingKind& kind) {
  show::SettingLine line{kind.key, {}, kind.otherwise, "default", "", kind.takes};
  const auto found = in_force(settings, kind);
  if (!found || !found->set) return line;
  line.value = kind.secret ? kMasked : found->value;
  line.origin = found->line > 0 ? "file" : "environment";
  line.where = found->line > 0 ? fmt::format("{}:{}", config_path(), found->line) : found->origin;
  return line;
}

int list_settings(const ConfigFlags& flags) {
  Settings settings = Settings::load(config_path());
  std::vector<show::SettingLine> lines;
  for (const SettingKind& kind : all_settings()) lines.push_back(line_of(settings, kind));
  for (const std::string& key : settings.config_keys()) {
    if (listed(key)) continue;
    if (const auto kind = find_setting(key)) lines.push_back(line_of(settings, *kind));
  }
  for (const std::string& warning : settings.warnings()) warn(warning);
  if (flags.json) return put(show::settings_json(lines, config_path(), settings.warnings()));
  return put(show::settings_text(lines, style_of(STDOUT_FILENO)));
}

int get_setting(const ConfigFlags& flags) {
  const auto kind = find_setting(flags.key);
  if (!kind) return refuse(no_setting(flags.key));
  Settings settings = Settings::load(config_path());
  const show::SettingLine line = line_of(settings, *kind);
  for (const std::string& warning : settings.warnings()) warn(warning);
  if (flags.json) return put(show::settings_json({&line, 1}, config_path(), settings.warnings()));
  return put(show::escape(line.value.value_or(line.otherwise)) + "\n");
}

// What the file says now; what goes before it is said, and what else is off in it.
int tell(const SettingKind& kind, const std::string& what) {
  Settings settings = Settings::load(config_path());
  const show::SettingLine line = line_of(settings, kind);
  for (const std::string& warning : settings.warnings()) warn(warning);
  if (line.origin == "environment") warn(line.where + " in the environment goes before the file");
  return put(what);
}

Result<void> change(const std::string& path, const std::string& key,
                    const std::optional<std::string>& value) {
  if (path.empty())
    return fail(ErrorKind::absent, "there is no home folder", "config", "set XDG_CONFIG_HOME");
  auto text = host::read_file(path);
  if (!text && text.error().kind != ErrorKind::absent) return tl::unexpected(text.error());
  const auto edited = edit_config(text.value_or(""), path, key, value);
  if (!edited) return tl::unexpected(edited.error());
  return replace_file(path, *edited);
}

// What was given, or for `-` the first line of standard input: a key in a command line is seen by
// everybody, and kept in the shell's history.
std::string value_of(const ConfigFlags& flags, const SettingKind& kind) {
  if (!kind.secret || flags.value != "-") return flags.value;
  std::string line;
  std::getline(std::cin, line);
  return line;
}

int set_setting(const ConfigFlags& flags) {
  const auto kind = find_setting(flags.key);
  if (!kind) return refuse(no_setting(flags.key));
  const std::string value = value_of(flags, *kind);
  if (const auto good = kind->check(value); !good) {
    Error error = good.error();
    error.where = error.where.empty() ? flags.key : flags.key + ": " + error.where;
    if (error.hint.empty()) error.hint = std::string("give ") + kind->takes;
    if (error.kind == ErrorKind::malformed) error.kind = ErrorKind::usage;
    return refuse(error);
  }
  if (const auto done = change(config_path(), flags.key, value); !done) return refuse(done.error());
  return tell(
      *kind, fmt::format("{} = {} in {}\n", flags.key, kind->secret ? kMasked : show::escape(value),
                         show::escape(config_path())));
}

// A key that is no setting can be taken out too: that is how a wrong one is put right.
int unset_setting(const ConfigFlags& flags) {
  const std::string path = config_path();
  const auto text = host::read_file(path);
  if (!text && text.error().kind != ErrorKind::absent) return refuse(text.error());
  const auto entries = read_config(text.value_or(""), path);
  if (!entries) return refuse(entries.error());
  const bool there = std::any_of(entries->begin(), entries->end(),
                                 [&](const ConfigEntry& entry) { return entry.key == flags.key; });
  const auto kind = find_setting(flags.key);
  if (!there && !kind) return refuse(no_setting(flags.key));
  if (!there) return put(flags.key + " is not set in " + show::escape(path) + "\n");
  if (const auto done = change(path, flags.key, std::nullopt); !done) return refuse(done.error());
  const std::string said =
      show::escape(flags.key) + " is no longer in " + show::escape(path) + "\n";
  return !kind ? put(said) : tell(*kind, said);
}

int config_command(const ConfigFlags& flags) {
  return flags.act == nullptr ? list_settings(flags) : flags.act(flags);
}

}  // namespace

void add_config(Cli& cli) {
  const auto flags = std::make_shared<ConfigFlags>();
  CLI::App& config =
      add_command(cli, "config", "List the settings, read or change one", flags, config_command);
  config.require_subcommand(0, 1);
  const auto add = [&](const char* name, const char* help, int (*act)(const ConfigFlags&)) {
    CLI::App& word = *config.add_subcommand(name, help);
    word.callback([flags, act] { flags->act = act; });
    return &word;
  };
  CLI::App* list =
      add("list", "every setting, its value, and who said so (the default)", list_settings);
  CLI::App* get = add("get", "the value in force", get_setting);
  CLI::App* set = add("set", "write it into config.toml, once it has been checked", set_setting);
  CLI::App* unset = add("unset", "take it out of config.toml", unset_setting);
  for (CLI::App* word : {get, set, unset})
    word->add_option("key", flags->key, "a setting of the list")->type_name("KEY")->required();
  set->add_option("value", flags->value, "as the option of `lowtide run` takes it")
      ->type_name("VALUE")
      ->required();
  for (CLI::App* word : {&config, list, get})
    word->add_flag("--json", flags->json, "as JSON (lowtide.config/1)");
  config.footer(
      "Examples:\n"
      "  lowtide config\n"
      "  lowtide config set location US-CAL-CISO\n"
      "  lowtide config get location");
}

}  // namespace lowtide::app
