// The door to files that lowtide reads.
//
// Machine facts (sys/class, sys/devices, proc/cpuinfo, proc/meminfo, proc/stat) may live under
// another root (LOWTIDE_SYSROOT); what is missing there is absent. Every read opens the file anew:
// a tree may replace its files. Thread safe: no mutable state.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lowtide::host {

// The whole of a file. Errors: absent (no such file), denied (no permission), temporary otherwise;
// `where` is the path.
[[nodiscard]] Result<std::string> read_file(const std::string& path);

// The last `most` bytes of a file that somebody else writes. Never waits: what is no plain file (a
// pipe, a device, a folder) is not opened. Errors as above; denied for what is no plain file.
[[nodiscard]] Result<std::string> read_tail(const std::string& path, std::size_t most);

class MachineFiles {
 public:
  explicit MachineFiles(std::string root = {}) : root_(std::move(root)) {}

  // `path` is absolute, as on the real machine: "/sys/class/powercap".
  [[nodiscard]] std::string path(std::string_view path) const { return root_ + std::string(path); }
  [[nodiscard]] Result<std::string> read(std::string_view path) const;
  // First line, blanks trimmed.
  [[nodiscard]] Result<std::string> read_line(std::string_view path) const;
  [[nodiscard]] Result<long long> read_integer(std::string_view path) const;
  // Names in a folder, sorted, without . and ..; empty when there is no such folder.
  [[nodiscard]] std::vector<std::string> list(std::string_view path) const;
  [[nodiscard]] bool exists(std::string_view path) const;
  // The path with symbolic links resolved; the path itself when it cannot be.
  [[nodiscard]] std::string real(std::string_view path) const;
  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  std::string root_;
};

}  // namespace lowtide::host
