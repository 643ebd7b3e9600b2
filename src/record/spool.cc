#include "record/spool.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "host/file_system.h"

namespace lowtide::record {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const std::string& ledger_path) {
  return fs::path(ledger_path).parent_path() / "spool";
}

}  // namespace

std::string ledger_for_run(const std::string& ledger_path, const std::string& id, bool always) {
  if (ledger_path.empty()) return {};
  if (!always && !host::file_system_of(ledger_path).network) return ledger_path;
  return folder_of(ledger_path) / (id + ".db");
}

std::vector<std::string> spooled_files(const std::string& ledger_path) {
  std::vector<std::string> files;
  std::error_code code;
  for (fs::directory_iterator at(folder_of(ledger_path), code), end; !code && at != end;
       at.increment(code)) {
    if (at->path().extension() == ".db") files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<void> merge(Ledger& ledger, const std::string& file) {
  bool all_ended = true;
  {
    // Opened as a ledger first: finishes what a killed writer left half done, knows the schema.
    auto spooled = Ledger::open(file);
    if (!spooled) return tl::unexpected(spooled.error());
    const auto runs = spooled->list({});
    if (!runs) return tl::unexpected(runs.error());
    const auto open = spooled->unfinished();
    if (!open) return tl::unexpected(open.error());
    // One without a run yet is being begun by somebody.
    if (runs->empty()) return {};
    all_ended = open->empty();
  }
  if (auto done = ledger.absorb(file); !done) return done;
  std::error_code code;
  if (all_ended) fs::remove(file, code);
  return {};
}

}  // namespace lowtide::record
