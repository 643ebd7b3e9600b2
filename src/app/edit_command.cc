// `lowtide edit`: what is about a run, never what was measured.
#include <fmt/format.h>

#include <optional>

#include "app/cli.h"
#include "app/ledger_access.h"
#include "app/values.h"
#include "host/clock.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

struct EditFlags {
  std::string run;
  std::optional<std::string> name;
  std::optional<std::string> project;
  bool no_project = false;
  std::vector<std::string> tags;
  std::vector<std::string> untag;
  std::vector<std::string> counts;
};

using Facts = std::map<std::string, std::string>;

// What can be edited, as words: absent is none.
Facts facts_of(const RunRecord& run) {
  Facts facts{{"name", "'" + run.name + "'"}};
  if (!run.project.empty()) facts["project"] = "'" + run.project + "'";
  for (const auto& [key, value] : run.tags) facts["tag " + key] = "'" + value + "'";
  for (const auto& [key, value] : run.counts) facts["count " + key] = fmt::format("{}", value);
  return facts;
}

// "project from none to 'bert'".
std::vector<std::string> differences(Facts before, Facts after) {
  for (const auto& [key, value] : before) after.try_emplace(key, "none");
  std::vector<std::string> all;
  for (const auto& [key, value] : after) {
    const std::string& from = before.try_emplace(key, "none").first->second;
    if (from != value) all.push_back(fmt::format("{} from {} to {}", key, from, value));
  }
  return all;
}

bool nothing_given(const EditFlags& flags) {
  const bool words = flags.name || flags.project || flags.no_project;
  return !words && flags.tags.empty() && flags.untag.empty() && flags.counts.empty();
}

Result<void> check(const EditFlags& flags) {
  if (nothing_given(flags)) {
    return fail(ErrorKind::usage, "there is nothing to change", "edit",
                "give --name, --project, --no-project, --tag, --untag or --count");
  }
  if (flags.name && flags.name->empty()) return fail(ErrorKind::usage, "is empty", "--name");
  if (flags.project && flags.project->empty()) {
    return fail(ErrorKind::usage, "is empty", "--project", "--no-project takes a project away");
  }
  return {};
}

Result<void> remove_tags(const std::vector<std::string>& keys, RunRecord& run) {
  for (const std::string& key : keys) {
    if (run.tags.erase(key) > 0) continue;
    std::string there;
    for (const auto& [tag, value] : run.tags) there += (there.empty() ? "" : ", ") + tag;
    return fail(ErrorKind::usage, "the run has no tag " + in_quotes(key), "--untag",
                there.empty() ? "it has none" : "it has " + there);
  }
  return {};
}

// Adds or replaces what `parse` makes of each text.
template <typename Parse, typename Map>
Result<void> put_pairs(const std::vector<std::string>& texts, Parse parse, Map& into) {
  for (const std::string& text : texts) {
    const auto pair = parse(text);
    if (!pair) return tl::unexpected(pair.error());
    into[pair->first] = pair->second;
  }
  return {};
}

Result<void> apply(const EditFlags& flags, RunRecord& run) {
  if (flags.name) run.name = *flags.name;
  if (flags.project) run.project = *flags.project;
  if (flags.no_project) run.project.clear();
  if (auto done = remove_tags(flags.untag, run); !done) return done;
  const auto tag = [](const std::string& text) { return parse_pair(text, "--tag"); };
  if (auto done = put_pairs(flags.tags, tag, run.tags); !done) return done;
  return put_pairs(flags.counts, parse_count, run.counts);
}

int edit_command(const EditFlags& flags) {
  if (const auto good = check(flags); !good) return refuse(good.error());
  auto ledger = open_ledger_to_change();
  if (!ledger) return refuse(ledger.error());
  const auto found = load_run(*ledger, flags.run, false);
  if (!found) return refuse(found.error());
  std::vector<std::string> changed;
  const auto done = ledger->edit(found->id, [&](RunRecord& run) -> Result<void> {
    const Facts before = facts_of(run);
    if (auto applied = apply(flags, run); !applied) return applied;
    changed = differences(before, facts_of(run));
    const Utc now = host::SystemClock().utc();
    for (const std::string& what : changed) run.events.push_back({now, "edited", what});
    return {};
  });
  if (!done) return refuse(done.error());
  std::string text;
  for (const std::string& what : changed) text += found->id + ": " + show::escape(what) + "\n";
  return put(text.empty() ? found->id + ": nothing to change, it is so already\n" : text);
}

}  // namespace

void add_edit(Cli& cli) {
  const auto flags = std::make_shared<EditFlags>();
  CLI::App& edit =
      add_command(cli, "edit", "Change a run's name, project, tags or counts", flags, edit_command);
  edit.footer(
      "What was measured stays as it is; each change is an event of the run.\n\n"
      "Examples:\n"
      "  lowtide edit last --name baseline --project bert\n"
      "  lowtide edit 7f3a --tag phase=final --untag draft\n"
      "  lowtide edit last --count samples=60000");
  edit.add_option("run", flags->run, "an id, `last`, a unique prefix, or a name")
      ->type_name("RUN")
      ->required();
  edit.add_option("--name", flags->name, "its new name")->type_name("NAME");
  CLI::Option* project =
      edit.add_option("--project", flags->project, "its new project")->type_name("NAME");
  edit.add_flag("--no-project", flags->no_project, "of no project any more")->excludes(project);
  const auto add = [&](const char* option, std::vector<std::string>& into, const char* type,
                       const char* help) {
    edit.add_option(option, into, help)
        ->type_name(type)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  add("--tag", flags->tags, "KEY=VALUE", "add or replace a label; may be repeated");
  add("--untag", flags->untag, "TAG", "take a label away; may be repeated");
  add("--count", flags->counts, "NAME=N",
      "what was done, instead of what is there; may be repeated");
}

}  // namespace lowtide::app
