// Settings by their three origins: config.toml < environment LOWTIDE_<KEY> < flag.
//
// A flag's value that is off is the user's error; one from the environment or the config is a
// warning, and the next origin (at last the default) is used: trouble there never stops a job.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace lowtide::app {

// "wait-sensors" as LOWTIDE_WAIT_SENSORS.
[[nodiscard]] std::string environment_name(const std::string& key);

class Settings {
 public:
  // Reads the config if there is one. What is wrong with it is in warnings().
  [[nodiscard]] static Settings load(const std::string& config_path);

  void set_flag(const std::string& key, std::string value) { flags_[key] = std::move(value); }

  struct Value {
    std::string text;
    std::string origin;  // as the record keeps it: "--pue", "LOWTIDE_PUE", "config.toml: pue"
    std::string where;   // as a message says it: with the path and line of a config
    bool is_flag = false;
    int line = 0;  // of the config; 0: from elsewhere
  };
  [[nodiscard]] std::vector<Value> candidates(const std::string& key) const;  // best first

  // The first candidate that `parse` takes, else `otherwise`. A flag that it refuses is the Error.
  template <typename T>
  [[nodiscard]] Result<T> get(const std::string& key, T otherwise,
                              const std::function<Result<T>(const std::string&)>& parse) {
    for (const Value& value : candidates(key)) {
      auto parsed = parse(value.text);
      if (parsed) {
        taken_ = value;
        return parsed;
      }
      Error error = parsed.error();
      error.where = error.where.empty() ? value.where : value.where + ": " + error.where;
      if (value.is_flag) return tl::unexpected(error);
      warnings_.push_back(error.line() + " (ignored)");
    }
    return otherwise;
  }
  [[nodiscard]] std::string text(const std::string& key, const std::string& otherwise = {}) const;
  [[nodiscard]] std::vector<std::string> config_keys() const;  // that config.toml has set
  [[nodiscard]] bool flag_set(const std::string& key) const { return flags_.contains(key); }

  // The value that get() last took, and where it stands.
  [[nodiscard]] const Value& taken() const { return taken_; }
  [[nodiscard]] const std::string& origin() const { return taken_.origin; }

  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  void warn(std::string text) { warnings_.push_back(std::move(text)); }

 private:
  std::map<std::string, std::string> flags_;
  std::map<std::string, Value> config_;
  std::vector<std::string> warnings_;
  Value taken_;
};

}  // namespace lowtide::app
