// What kind of file system a path lies on: whether processes there share memory and locks as on a
// local disk. No state.
#pragma once

#include <string>

namespace lowtide::host {

struct FileSystem {
  std::string name;      // "ext4", "nfs", ..; the number in hexadecimal where we know no name
  bool network = false;  // other machines may have it open too: no shared memory, weak locks
};

// Of the path, or of the nearest folder above it that is there.
[[nodiscard]] FileSystem file_system_of(const std::string& path);

}  // namespace lowtide::host
