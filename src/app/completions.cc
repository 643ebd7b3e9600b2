#include "app/completions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>

#include "app/man_page.h"
#include "app/paths.h"
#include "app/setting_list.h"
#include "base/words.h"
#include "grid/place.h"
#include "grid/table.h"
#include "record/ledger.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

struct Value {
  std::string text;
  std::string help;
};
using Values = std::vector<Value>;

constexpr std::size_t kLookedAt = 1000;  // runs, the newest: a shell waits for the answer
constexpr std::size_t kNewest = 30;      // ids offered before a character of one is typed

Values words_of(const std::string& list) {
  std::istringstream in(list);
  Values values;
  for (std::string word; in >> word;) values.push_back({word, {}});
  return values;
}

std::vector<record::RunLine> run_lines() {
  auto ledger = record::Ledger::open_to_read(ledger_path());
  if (!ledger) return {};
  ledger->wait_for_locks(std::chrono::milliseconds(200));
  record::RunFilter recent;
  recent.newest = kLookedAt;
  auto lines = ledger->list(recent);
  if (!lines) return {};
  std::reverse(lines->begin(), lines->end());  // the newest first
  return std::move(*lines);
}

Values runs(const std::string& typed) {
  Values ids;
  Values names;
  std::set<std::string> known;
  for (const record::RunLine& run : run_lines()) {
    const std::string when = show::local_time(run.submitted) + ", " + std::string(spell(run.state));
    if (!typed.empty() || ids.size() < kNewest) ids.push_back({run.id, run.name + ", " + when});
    if (known.insert(run.name).second) names.push_back({run.name, when});
  }
  Values all{{"last", "the newest run"}};
  all.insert(all.end(), names.begin(), names.end());
  all.insert(all.end(), ids.begin(), ids.end());
  return all;
}

Values projects(const std::string& /*typed*/) {
  std::set<std::string> names;
  for (const record::RunLine& run : run_lines()) names.insert(run.project);
  Values all;
  for (const std::string& name : names) all.push_back({name, {}});
  return all;
}

Values zones(const std::string& /*typed*/) {
  Values all;
  for (const std::string& zone :
       grid::known_zones(data_folder()).value_or(std::vector<std::string>{}))
    all.push_back({zone, {}});
  return all;
}

Values places(const std::string& typed) {
  Values all = zones(typed);
  const auto table =
      grid::Table::read(data_folder() + "/regions.csv", {"provider", "region", "name"});
  for (std::size_t i = 0; table && i < table->size(); ++i) {
    all.push_back({table->cell(i, 0) + ":" + table->cell(i, 1), table->cell(i, 2)});
  }
  return all;
}

Values settings(const std::string& /*typed*/) {
  Values all;
  for (const SettingKind& kind : all_settings()) all.push_back({kind.key, kind.takes});
  return all;
}

// Values by the option, else by the word that --help shows for them.
struct Kind {
  std::string_view name;
  const char* words;
  Values (*more)(const std::string& typed);
};
constexpr std::array<Kind, 16> kKinds{{{"--project", "", projects},
                                       {"RUN", "", runs},
                                       {"PLACE", "", places},
                                       {"PLACE,..", "", places},
                                       {"CLOUD", "azure aws gcp", nullptr},
                                       {"ZONE", "", zones},
                                       {"KEY", "", settings},
                                       {"SOURCE", "typical import file:", nullptr},
                                       {"SIGNAL", "average marginal", nullptr},
                                       {"GAS", "co2 co2e", nullptr},
                                       {"ORDER", "day-first month-first", nullptr},
                                       {"UNIT", "gCO2eq/kWh kg/MWh lb/MWh", nullptr},
                                       {"RULE", "reserved all none", nullptr},
                                       {"LIST", "all none", nullptr},
                                       {"R", "run hour gpu-hour instance-hour", nullptr},
                                       {"G", "auto none", nullptr}}};

std::string type_of(const CLI::Option& option) {
  const std::string whole = option.get_type_name();
  return whole.substr(0, whole.find(':'));
}

Values values_of(const CLI::Option& option, const std::string& typed) {
  const std::string whole = option.get_type_name();
  const std::size_t open = whole.find(":{");
  if (open != std::string::npos) {  // FORMAT:{text,json}
    std::string list = whole.substr(open + 2, whole.rfind('}') - open - 2);
    std::replace(list.begin(), list.end(), ',', ' ');
    return words_of(list);
  }
  for (const Kind& kind : kKinds) {
    if (kind.name != option.get_name() && kind.name != whole) continue;
    return kind.more != nullptr ? kind.more(typed) : words_of(kind.words);
  }
  return {};
}

// What begins with `typed`, each after `before`; nothing that would break a line of the answer.
std::string listed(const Values& values, const std::string& typed, const std::string& before) {
  std::string out = "values\n";
  for (const Value& value : values) {
    const bool plain = !value.text.empty() && show::escape(value.text) == value.text;
    if (plain && value.text.starts_with(typed)) {
      out += before + value.text + "\t" + show::escape(value.help) + "\n";
    }
  }
  return out;
}

std::string value_answer(const CLI::Option& option, const std::string& typed,
                         const std::string& before) {
  const std::string type = type_of(option);
  constexpr std::string_view kFile = "file:";
  const bool named = type == "SOURCE" && typed.starts_with(kFile);
  if (named || type == "FILE" || type == "PATH") {
    return "files " + std::to_string(before.size() + (named ? kFile.size() : 0)) + "\n";
  }
  return listed(values_of(option, typed), typed, before);
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// Where the cursor stands.
struct Cursor {
  const CLI::App* app;
  const CLI::Option* value_of = nullptr;  // whose value comes next
  std::size_t positionals = 0;
  std::set<const CLI::Option*> given;

  [[nodiscard]] const CLI::Option* positional() const {
    const auto all = shown_positionals(*app);
    if (all.empty()) return nullptr;
    if (positionals < all.size()) return all[positionals];
    return all.back()->get_expected_max() > 1 ? all.back() : nullptr;
  }

  void pass_option(const std::string& word) {
    const CLI::Option* option = app->get_option_no_throw(word.substr(0, word.find('=')));
    if (option == nullptr) return;
    given.insert(option);
    if (word.find('=') == std::string::npos && takes_value(*option)) value_of = option;
  }

  void pass(const std::string& word) {
    if (value_of != nullptr) {
      value_of = nullptr;
    } else if (word.starts_with("-")) {
      pass_option(word);
    } else if (const CLI::App* next = find_command(*app, word)) {
      *this = Cursor{next, nullptr, 0, {}};
    } else {
      ++positionals;
    }
  }
};

bool is_job(const CLI::Option* option) {
  return option != nullptr && type_of(*option) == "COMMAND";
}

// How far behind this word a command line of its own begins, counted from lowtide as word 0; 0: all
// that follows is nobody's; absent: the word is lowtide's.
std::optional<std::size_t> job_begins(const Cursor& cursor, const std::string& word, bool last) {
  if (cursor.value_of != nullptr) return std::nullopt;
  const bool takes_job = is_job(cursor.positional());
  if (!last && word == "--") return takes_job ? 2 : 0;
  return takes_job && !word.starts_with("-") ? std::optional<std::size_t>(1) : std::nullopt;
}

Values option_names(const Cursor& cursor) {
  Values all;
  for (const CLI::Option* option : shown_options(*cursor.app)) {
    const bool again = option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    if (!again && cursor.given.contains(option)) continue;
    for (const std::string& name : option->get_lnames()) {
      all.push_back({"--" + name, option->get_description()});
    }
  }
  return all;
}

std::string answer(const Cursor& cursor, const std::string& typed) {
  if (cursor.value_of != nullptr) return value_answer(*cursor.value_of, typed, "");
  const std::size_t equals = typed.find('=');
  if (typed.starts_with("--") && equals != std::string::npos) {
    const CLI::Option* option = cursor.app->get_option_no_throw(typed.substr(0, equals));
    if (option == nullptr) return "values\n";
    return value_answer(*option, typed.substr(equals + 1), typed.substr(0, equals + 1));
  }
  const CLI::Option* next = cursor.positional();
  if (typed.starts_with("-")) return listed(option_names(cursor), typed, "");
  Values all;
  for (const CLI::App* command : shown_commands(*cursor.app)) {
    all.push_back({command->get_name(), command->get_description()});
  }
  if (all.empty() && next != nullptr) return value_answer(*next, typed, "");
  if (all.empty()) all = option_names(cursor);
  return listed(all, typed, "");
}

}  // namespace

std::vector<const CLI::App*> shown_commands(const CLI::App& app) {
  return app.get_subcommands(
      [](const CLI::App* sub) { return !sub->get_name().empty() && !sub->get_group().empty(); });
}

std::vector<const CLI::Option*> shown_options(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) {
    return option->nonpositional() && !option->get_group().empty();
  });
}

std::vector<const CLI::Option*> shown_positionals(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) {
    return option->get_positional() && !option->get_group().empty();
  });
}

std::string completions(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) return "values\n";
  Cursor cursor{&app, nullptr, 0, {}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool last = i + 1 == words.size();
    if (const auto from = job_begins(cursor, words[i], last)) {
      return *from == 0 ? "values\n" : "words " + std::to_string(i + *from) + "\n";
    }
    if (!last) cursor.pass(words[i]);
  }
  return answer(cursor, words.back());
}

}  // namespace lowtide::app
