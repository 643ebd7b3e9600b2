#include "app/settings.h"

#include <fmt/format.h>

#include <cctype>

#include "app/paths.h"
#include "app/setting_list.h"
#include "app/toml.h"
#include "base/quote.h"
#include "host/files.h"

namespace lowtide::app {
namespace {

std::string environment_name(const std::string& key) {
  std::string name = "LOWTIDE_";
  for (const char c : key) {
    name += c == '-' || c == '.' ? '_' : static_cast<char>(std::toupper(c));
  }
  return name;
}

std::optional<std::string> as_text(const toml::node& node) {
  if (node.is_string()) return node.value<std::string>();
  if (node.is_boolean()) return node.value_or(false) ? "true" : "false";
  if (node.is_integer()) return std::to_string(node.value_or<std::int64_t>(0));
  if (node.is_floating_point()) return fmt::format("{}", node.value_or(0.0));
  return std::nullopt;
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
  try {
    for (const auto& [key, node] : toml::parse(*text)) {
      const std::string name(key.str());
      const std::string where = fmt::format("{}:{}", config_path, node.source().begin.line);
      if (find_setting(name) == nullptr) {
        settings.warn(fmt::format("{}: {} is no setting (ignored); there are {}", where,
                                  in_quotes(name), setting_keys()));
      } else if (auto value = as_text(node)) {
        settings.config_[name] = {std::move(*value), "config.toml: " + name,
                                  fmt::format("{}: {}", where, name)};
      } else {
        settings.warn(
            fmt::format("{}: {}: is no string, number or true/false (ignored)", where, name));
      }
    }
  } catch (const toml::parse_error& error) {
    settings.warn(fmt::format("{}:{}: {} (the file is ignored)", config_path,
                              error.source().begin.line, error.description()));
  }
  return settings;
}

std::vector<Settings::Value> Settings::candidates(const std::string& key) const {
  std::vector<Value> values;
  if (const auto flag = flags_.find(key); flag != flags_.end()) {
    values.push_back({flag->second, "--" + key, "--" + key, true});
  }
  const std::string variable = environment_name(key);
  if (const auto value = environment(variable.c_str()))
    values.push_back({*value, variable, variable});
  if (const auto value = config_.find(key); value != config_.end()) {
    values.push_back(value->second);
  }
  return values;
}

std::string Settings::text(const std::string& key, const std::string& otherwise) const {
  const auto values = candidates(key);
  return values.empty() ? otherwise : values.front().text;
}

}  // namespace lowtide::app
