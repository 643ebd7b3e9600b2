// An environment without settings of ours, put back when the test is done. Not part of the program.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace lowtide::app {

class CleanEnvironment {
 public:
  CleanEnvironment() {
    for (const char* name :
         {"LOWTIDE_LOCATION", "LOWTIDE_INTENSITY", "LOWTIDE_SIGNAL", "LOWTIDE_INTERVAL",
          "LOWTIDE_PUE", "LOWTIDE_EMBODIED", "LOWTIDE_PROJECT", "LOWTIDE_PER", "LOWTIDE_GPUS",
          "LOWTIDE_IDLE", "LOWTIDE_QUIET", "LOWTIDE_WAIT_SENSORS", "LOWTIDE_RUN_ID", "LOWTIDE_HOME",
          "LOWTIDE_SHARE", "LOWTIDE_SYSROOT", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME"}) {
      const char* value = std::getenv(name);
      before_.emplace_back(name,
                           value == nullptr ? std::nullopt : std::optional<std::string>(value));
      unsetenv(name);
    }
  }
  CleanEnvironment(const CleanEnvironment&) = delete;
  CleanEnvironment& operator=(const CleanEnvironment&) = delete;
  ~CleanEnvironment() {
    for (const auto& [name, value] : before_) {
      if (value) {
        setenv(name.c_str(), value->c_str(), 1);
      } else {
        unsetenv(name.c_str());
      }
    }
  }
  void set(const char* name, const std::string& value) const { setenv(name, value.c_str(), 1); }

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

}  // namespace lowtide::app
