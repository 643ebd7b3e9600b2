// What the tests of this folder share: a clock that is set by hand and a root folder to write
// machine facts into. Not part of the program.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "host/clock.h"
#include "host/files.h"

namespace lowtide::sense {

class FakeClock final : public host::Clock {
 public:
  [[nodiscard]] BootTime boot() const override {
    if (on_look) on_look();
    return now;
  }
  [[nodiscard]] Utc utc() const override { return Utc(now.time_since_epoch()); }
  [[nodiscard]] Duration slept() const override { return suspended; }
  void advance(double s) { now += seconds(s); }
  void suspend(double s) {
    now += seconds(s);
    suspended += seconds(s);
  }

  Duration suspended{};
  BootTime now = BootTime(seconds(1000));
  std::function<void()> on_look;  // called before each look at the boot time
};

class TempRoot {
 public:
  TempRoot() {
    std::string pattern = std::filesystem::temp_directory_path() / "lowtide-sense-XXXXXX";
    path_ = mkdtemp(pattern.data());
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  TempRoot(const TempRoot&) = delete;
  TempRoot& operator=(const TempRoot&) = delete;
  ~TempRoot() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  // Replaces the file by rename, as a tree that is rewritten under its readers does.
  void write(std::string_view path, std::string_view text) const {
    const std::filesystem::path full = path_ + std::string(path);
    std::filesystem::create_directories(full.parent_path());
    const std::filesystem::path fresh = full.string() + ".new";
    std::ofstream(fresh) << text;
    std::filesystem::rename(fresh, full);
  }
  void link(std::string_view target, std::string_view path) const {
    const std::filesystem::path full = path_ + std::string(path);
    std::filesystem::create_directories(full.parent_path());
    std::filesystem::create_symlink(path_ + std::string(target), full);
  }
  void remove(std::string_view path) const {
    std::filesystem::remove_all(path_ + std::string(path));
  }
  [[nodiscard]] std::string path(std::string_view path) const { return path_ + std::string(path); }
  [[nodiscard]] host::MachineFiles files() const { return host::MachineFiles(path_); }

 private:
  std::string path_;
};

}  // namespace lowtide::sense
