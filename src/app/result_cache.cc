#include "app/result_cache.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "app/paths.h"
#include "app/say.h"
#include "grid/hash.h"
#include "host/files.h"

namespace lowtide::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigits = 64;  // of the bytes' own hash, before them

fs::path folder() { return fs::path(home_folder()) / "results"; }

void drop_oldest() {
  std::error_code trouble;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  for (const auto& entry : fs::directory_iterator(folder(), trouble)) {
    files.emplace_back(entry.last_write_time(trouble), entry.path());
  }
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i + kMostResults < files.size(); ++i) {
    fs::remove(files[i].second, trouble);
  }
}

}  // namespace

std::string program_hash() {
  return grid::sha256_hex(host::read_file("/proc/self/exe").value_or(LOWTIDE_VERSION));
}

std::optional<std::string> kept_result(const std::string& kind, const std::string& hash) {
  if (home_folder().empty()) return std::nullopt;
  const auto kept = host::read_file((folder() / (kind + "-" + hash)).string());
  if (!kept || kept->size() < kDigits) return std::nullopt;
  std::string bytes = kept->substr(kDigits);
  if (grid::sha256_hex(bytes) != kept->substr(0, kDigits)) return std::nullopt;
  return bytes;
}

void keep_result(const std::string& kind, const std::string& hash, const std::string& bytes) {
  if (home_folder().empty()) return;
  const std::string path = (folder() / (kind + "-" + hash)).string();
  if (replace_file(path, grid::sha256_hex(bytes) + bytes)) drop_oldest();
}

}  // namespace lowtide::app
