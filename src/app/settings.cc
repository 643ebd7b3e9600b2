#include "app/settings.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cctype>

#include "app/config_file.h"
#include "app/paths.h"
#include "app/setting_list.h"
#include "base/quote.h"
#include "host/files.h"

namespace lowtide::app {

std::string environment_name(const std::string& key) {
  std::string name = "LOWTIDE_";
  for (const char c : key) {
    name += c == '-' || c == '.' ? '_' : static_cast<char>(std::toupper(c));
  }
  return name;
}

namespace {

bool readable_by_others(const std::string& path) {
  struct stat about{};
  return stat(path.c_str(), &about) != 0 || (about.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

}  // namespace

Settings Settings::load(const std::string& config_path) {
  Settings settings;
  if (config_path.empty()) return settings;
  const auto text = host::read_file(config_path);
  if (!text) {
    if (text.error().kind != ErrorKind::absent) settings.warn(text.error().line() + " (ignored)");
    return settings;
  }
  const auto entries = read_config(*text, config_path);
  if (!entries) {
    const Error& error = entries.error();
    settings.warn(fmt::format("{}: {} (the file is ignored)", error.where, error.message));
    return settings;
  }
  for (const ConfigEntry& entry : *entries) {
    const std::string where = fmt::format("{}:{}", config_path, entry.line);
    const auto kind = find_setting(entry.key);
    if (!kind) {
      const Error error = no_setting(entry.key);
      settings.warn(
          fmt::format("{}: {} {} (ignored); {}", where, error.where, error.message, error.hint));
    } else if (kind->secret && readable_by_others(config_path)) {
      settings.warn(
          fmt::format("{}: {}: others may read the file, so this is not used (ignored); "
                      "chmod 600 {}",
                      where, entry.key, config_path));
    } else if (entry.value) {
      settings.config_[entry.key] = {*entry.value, "config.toml: " + entry.key,
                                     fmt::format("{}: {}", where, entry.key), false, entry.line};
    } else {
      settings.warn(
          fmt::format("{}: {}: is no string, number or true/false (ignored)", where, entry.key));
    }
  }
  return settings;
}

std::vector<Settings::Value> Settings::candidates(const std::string& key) const {
  std::vector<Value> values;
  if (const auto flag = flags_.find(key); flag != flags_.end()) {
    values.push_back({flag->second, "--" + key, "--" + key, true, 0});
  }
  const std::string variable = environment_name(key);
  if (const auto value = environment(variable.c_str()))
    values.push_back({*value, variable, variable, false, 0});
  if (const auto value = config_.find(key); value != config_.end()) {
    values.push_back(value->second);
  }
  return values;
}

std::vector<std::string> Settings::config_keys() const {
  std::vector<std::string> keys;
  keys.reserve(config_.size());
  for (const auto& [key, value] : config_) keys.push_back(key);
  return keys;
}

std::string Settings::text(const std::string& key, const std::string& otherwise) const {
  const auto values = candidates(key);
  return values.empty() ? otherwise : values.front().text;
}

}  // namespace lowtide::app
