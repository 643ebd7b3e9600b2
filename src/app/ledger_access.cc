#include "app/ledger_access.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>

#include "app/keep.h"
#include "app/paths.h"
#include "app/say.h"

namespace lowtide::app {
namespace {

int status_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::usage:
      return 2;
    case ErrorKind::malformed:
      return 3;
    case ErrorKind::absent:
    case ErrorKind::denied:
      return 4;
    case ErrorKind::no_plan:
      return 6;
    case ErrorKind::temporary:
    case ErrorKind::ended:
    case ErrorKind::internal:
      return 70;
  }
  return 70;
}

}  // namespace

Result<record::Ledger> open_ledger() {
  const std::string path = ledger_path();
  if (path.empty()) {
    return fail(ErrorKind::absent, "there is no home folder", "ledger",
                "name one with LOWTIDE_HOME");
  }
  recover_runs(path);
  return record::Ledger::open_to_read(path);
}

Result<record::Ledger> open_ledger_to_change() {
  auto reading = open_ledger();  // which makes none where there is none
  return reading ? record::Ledger::open(ledger_path()) : std::move(reading);
}

int refuse(const Error& error) {
  complain(error);
  return status_of(error);
}

int put(const std::string& text, const std::string& out) {
  if (!out.empty() && out != "-") {
    const auto done = write_file(out, text);
    return done ? 0 : refuse(done.error());
  }
  std::cout << text << std::flush;
  if (std::cout) return 0;
  return refuse({ErrorKind::temporary, "cannot be written to", "standard output", ""});
}

int put_whole(const std::string& text, const std::string& out) {
  std::error_code code;
  // A pipe or a device that the user names is never replaced by a file.
  const auto kind = std::filesystem::status(out, code).type();
  const bool file =
      kind == std::filesystem::file_type::regular || kind == std::filesystem::file_type::not_found;
  if (out.empty() || out == "-" || !file) return put(text, out);
  const auto done = replace_file(out, text);
  return done ? 0 : refuse(done.error());
}

std::string projects_there_are(record::Ledger& ledger) {
  std::set<std::string> names;
  if (const auto lines = ledger.list({})) {
    for (const record::RunLine& line : *lines) names.insert(line.project);
  }
  names.erase("");
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all.empty() ? "no run has a project" : "projects: " + all;
}

Result<RunRecord> load_run(record::Ledger& ledger, const std::string& wanted, bool samples) {
  if (wanted.empty()) {
    return fail(ErrorKind::usage, "the name of a run is empty", "RUN", "`lowtide runs` lists them");
  }
  const auto line = ledger.find(wanted);
  if (!line) return tl::unexpected(line.error());
  if (line->namesakes > 1) {
    warn(std::to_string(line->namesakes) + " runs are named '" + wanted +
         "'; this is the newest, " + line->id);
  }
  return ledger.whole(line->key, samples);
}

Result<std::vector<RunRecord>> load_runs(record::Ledger& ledger,
                                         const std::vector<std::string>& wanted) {
  std::vector<RunRecord> runs;
  for (const std::string& name : wanted) {
    auto run = load_run(ledger, name, false);
    if (!run) return tl::unexpected(run.error());
    const bool twice = std::any_of(runs.begin(), runs.end(),
                                   [&](const RunRecord& other) { return other.id == run->id; });
    if (!twice) runs.push_back(std::move(*run));
  }
  return runs;
}

}  // namespace lowtide::app
