#include "app/lives.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "app/ledger_access.h"
#include "app/paths.h"
#include "base/quote.h"
#include "host/files.h"
#include "host/proc.h"

namespace lowtide::app {
namespace {

constexpr std::size_t kLongestId = 64;

std::string of_process(pid_t pid, const char* file) {
  return host::read_file("/proc/" + std::to_string(pid) + "/" + file).value_or("");
}

// LOWTIDE_RUN_ID as the process was started with it; absent where that cannot be read.
std::optional<std::string> id_given_to(pid_t pid) {
  const std::string mark = std::string("\0LOWTIDE_RUN_ID=", 16);
  const std::string text = '\0' + of_process(pid, "environ");
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) return std::nullopt;
  return std::string(text.c_str() + at + mark.size());
}

bool is_id(const std::string& text) {
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kLongestId && text != "last" && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), fits);
}

// Is a process of our line of parents the job that a lowtide meters under this id? The ledger may
// not have its row yet, or lie elsewhere.
bool runs_inside(const std::string& id) {
  if (environment("LOWTIDE_RUN_ID") != id) return false;
  const std::string ours = of_process(getpid(), "comm");
  pid_t child = getpid();
  while (const auto stat = host::process_stat(child)) {
    if (stat->parent <= 0) return false;
    if (of_process(stat->parent, "comm") == ours && id_given_to(child).value_or(id) == id) {
      return true;
    }
    child = stat->parent;
  }
  return false;
}

// The defaults of a further life.
void take_defaults(const RunRecord& first, RunFlags& flags, Settings& settings) {
  if (flags.name.empty()) flags.name = first.name;
  const auto otherwise = [&](const char* key, const std::string& value) {
    if (!value.empty() && !settings.flag_set(key)) settings.set_flag(key, value);
  };
  otherwise("project", first.project);
  otherwise("location", first.options.location);
  otherwise("intensity", first.options.intensity);
  otherwise("signal", std::string(spell(first.options.headline)));
}

// What the flags ask for and the record has otherwise.
std::string differences(const RunRecord& first, const RunFlags& flags, const Settings& settings,
                        const RunRecord& asked) {
  std::string all;
  const auto note = [&](const std::string& flag, bool differs) {
    if (differs) all += (all.empty() ? "--" : ", --") + flag;
  };
  const auto option = [&](const std::string& key, bool differs) {
    note(key, settings.flag_set(key) && differs);
  };
  note("name", flags.name != first.name);
  option("project", asked.project != first.project);
  note("tag", std::any_of(asked.tags.begin(), asked.tags.end(), [&](const auto& tag) {
         const auto found = first.tags.find(tag.first);
         return found == first.tags.end() || found->second != tag.second;
       }));
  option("signal", asked.options.headline != first.options.headline);
  option("idle", asked.options.idle != first.options.idle);
  option("pue", asked.options.pue != first.options.pue);
  option("embodied", asked.options.embodied != first.options.embodied);
  option("per", asked.options.per != first.options.per);
  return all;
}

}  // namespace

void find_kin(Settings& settings, RunRecord& record) {
  const std::string id = environment("LOWTIDE_RUN_ID").value_or("");
  if (id.empty()) return;
  if (!is_id(id)) {
    settings.warn("LOWTIDE_RUN_ID: " + in_quotes(id) +
                  " is no id of a run (ignored); use up to 64 letters, digits, '.', '_' or '-'");
  } else if (runs_inside(id)) {
    record.parent = id;
  } else {
    record.life_of = id;
  }
}

Result<std::optional<RunRecord>> continued(RunFlags& flags, Settings& settings) {
  const std::string& wanted = flags.continues;
  if (wanted.empty() || runs_inside(wanted)) return std::nullopt;
  auto ledger = open_ledger();
  auto first = ledger ? load_run(*ledger, wanted, false) : tl::unexpected(ledger.error());
  if (!first) {
    Error error = first.error();
    error.where = "--continue";
    const bool not_there = error.kind == ErrorKind::usage || error.kind == ErrorKind::absent;
    if (not_there) return tl::unexpected(error);
    settings.warn(error.line() + "; this run is a record of its own");
    return std::nullopt;
  }
  if (!first->options.subject.empty()) {
    return fail(ErrorKind::usage, in_quotes(wanted) + " was watched, not run", "--continue",
                "`lowtide watch` goes on with its own");
  }
  take_defaults(*first, flags, settings);
  return std::optional(std::move(*first));
}

void join_record(const RunRecord& first, const RunFlags& flags, Settings& settings,
                 RunRequest& request) {
  RunRecord& record = request.record;
  if (record.parent == first.id) return;  // inside of it: metered there already
  record.life_of = first.id;
  const std::string differ = differences(first, flags, settings, record);
  if (!differ.empty()) {
    settings.warn(differ + ": run " + first.id +
                  " keeps what it was begun with; `lowtide edit` changes name, project and tags");
  }
  AccountingOptions options = first.options;
  options.location = record.options.location;
  options.intensity = record.options.intensity;
  record.options = options;
  record.tags = first.tags;
}

}  // namespace lowtide::app
