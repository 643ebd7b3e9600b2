#include "record/spool.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "grid/hash.h"
#include "host/file_system.h"

namespace lowtide::record {
namespace {

namespace fs = std::filesystem;

// Runs that may wait in one folder: a ledger that never comes back must not fill /tmp.
constexpr std::size_t kMostAside = 100;

fs::path folder_of(const std::string& ledger_path) {
  return fs::path(ledger_path).parent_path() / "spool";
}

// Begins the names of a ledger's files in a folder that it may share with other ledgers.
std::string mark_of(const std::string& ledger_path) {
  std::error_code code;
  const fs::path whole = fs::weakly_canonical(fs::absolute(ledger_path, code), code);
  return grid::sha256_hex(whole.string()).substr(0, 16) + "-";
}

// A folder, not a link to one, that nobody else may write to.
bool is_our_own(const fs::path& folder) {
  struct stat about{};
  return lstat(folder.c_str(), &about) == 0 && S_ISDIR(about.st_mode) &&
         about.st_uid == geteuid() && (about.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

void add_files(const fs::path& folder, const std::string& mark, std::vector<std::string>& files) {
  std::error_code code;
  const std::size_t before = files.size();
  for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    const fs::path& file = at->path();
    if (file.extension() != ".db" || !file.filename().string().starts_with(mark)) continue;
    files.push_back(file);
  }
  std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
}

}  // namespace

std::string ledger_for_run(const std::string& ledger_path, const std::string& id, bool always) {
  if (ledger_path.empty()) return {};
  if (!always && !host::file_system_of(ledger_path).network) return ledger_path;
  return folder_of(ledger_path) / (id + ".db");
}

std::vector<std::string> spooled_files(const std::string& ledger_path,
                                       const std::vector<std::string>& folders) {
  std::vector<std::string> files;
  add_files(folder_of(ledger_path), "", files);
  for (const std::string& folder : folders) {
    if (is_our_own(folder)) add_files(folder, mark_of(ledger_path), files);
  }
  return files;
}

std::vector<std::string> side_files(const std::string& ledger_path, const std::string& id,
                                    const std::vector<std::string>& folders) {
  if (ledger_path.empty()) return {};
  std::vector<std::string> files{folder_of(ledger_path) / (id + ".db")};
  for (const std::string& folder : folders) {
    files.push_back(fs::path(folder) / (mark_of(ledger_path) + id + ".db"));
  }
  return files;
}

std::vector<std::string> existing(const std::vector<std::string>& files) {
  std::vector<std::string> found;
  std::error_code code;
  for (const std::string& file : files) {
    if (is_our_own(fs::path(file).parent_path()) && fs::exists(file, code)) found.push_back(file);
  }
  return found;
}

Result<void> make_room_for_side(const std::string& file) {
  const fs::path folder = fs::path(file).parent_path();
  mkdir(folder.c_str(), S_IRWXU);
  if (!is_our_own(folder)) {
    return fail(ErrorKind::denied, "is not a folder of our own that nobody else writes to", folder);
  }
  remove_ledger(file);
  std::vector<std::string> waiting;
  add_files(folder, "", waiting);
  if (waiting.size() < kMostAside) return {};
  return fail(ErrorKind::temporary, "holds " + std::to_string(kMostAside) + " runs already",
              folder);
}

void remove_ledger(const std::string& file) {
  for (const char* part : {"", "-wal", "-shm", "-journal"}) unlink((file + part).c_str());
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
    const auto moved = spooled->any_act_open();
    if (!moved) return tl::unexpected(moved.error());
    all_ended = open->empty() && !*moved;
  }
  if (auto done = ledger.absorb(file); !done) return done;
  std::error_code code;
  if (all_ended) fs::remove(file, code);
  return {};
}

}  // namespace lowtide::record
