#include "app/paths.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace lowtide::app {
namespace {

namespace fs = std::filesystem;

// $VARIABLE/lowtide, or ~/fallback/lowtide.
std::string xdg_folder(const char* variable, const char* fallback) {
  if (const auto base = environment(variable)) return *base + "/lowtide";
  const auto home = environment("HOME");
  return !home ? "" : *home + "/" + fallback + "/lowtide";
}

}  // namespace

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::string home_folder() {
  // Absolute: the job and its processes may go elsewhere.
  std::error_code code;
  if (const auto home = environment("LOWTIDE_HOME")) {
    const fs::path whole = fs::absolute(*home, code);
    return code ? *home : whole.string();
  }
  return xdg_folder("XDG_DATA_HOME", ".local/share");
}

std::string ledger_path() {
  const std::string home = home_folder();
  return home.empty() ? "" : home + "/ledger.db";
}

std::vector<std::string> side_folders() {
  std::vector<std::string> folders;
  if (const auto runtime = environment("XDG_RUNTIME_DIR")) folders.push_back(*runtime + "/lowtide");
  folders.push_back(environment("TMPDIR").value_or("/tmp") + "/lowtide-" +
                    std::to_string(geteuid()));
  return folders;
}

std::string config_path() {
  const std::string folder = xdg_folder("XDG_CONFIG_HOME", ".config");
  return folder.empty() ? "" : folder + "/config.toml";
}

std::string data_folder() {
  if (const auto folder = environment("LOWTIDE_SHARE")) return *folder;
  std::error_code code;
  const fs::path binary = fs::read_symlink("/proc/self/exe", code);
  for (const fs::path& candidate : {binary.parent_path().parent_path() / "share/lowtide",
                                    binary.parent_path() / "share/lowtide"}) {
    if (fs::exists(candidate / "regions.csv", code)) return candidate;
  }
  return binary.parent_path().parent_path() / "share/lowtide";
}

}  // namespace lowtide::app
