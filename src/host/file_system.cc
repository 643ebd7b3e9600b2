#include "host/file_system.h"

#include <sys/vfs.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>

namespace lowtide::host {
namespace {

struct Kind {
  std::uint32_t magic;
  const char* name;
  bool network;
};

// statfs(2) and the kernel's include/uapi/linux/magic.h; Lustre, GPFS, BeeGFS from their sources.
// FUSE may be sshfs or a local disk: taken for the former, which is never wrong, only slower.
constexpr std::array<Kind, 18> kKinds{{{0xef53, "ext4", false},
                                       {0x58465342, "xfs", false},
                                       {0x9123683e, "btrfs", false},
                                       {0x01021994, "tmpfs", false},
                                       {0x794c7630, "overlayfs", false},
                                       {0x2fc12fc1, "zfs", false},
                                       {0xf2f52010, "f2fs", false},
                                       {0x6969, "nfs", true},
                                       {0xff534d42, "cifs", true},
                                       {0xfe534d42, "smb2", true},
                                       {0x01021997, "9p", true},
                                       {0x0bd00bd0, "lustre", true},
                                       {0x47504653, "gpfs", true},
                                       {0x19830326, "beegfs", true},
                                       {0x00c36400, "ceph", true},
                                       {0x5346414f, "afs", true},
                                       {0x65735546, "fuse", true},
                                       {0x7461636f, "ocfs2", true}}};

}  // namespace

FileSystem file_system_of(const std::string& path) {
  struct statfs about{};
  std::error_code code;
  std::filesystem::path at = std::filesystem::absolute(path, code);
  while (statfs(at.c_str(), &about) != 0) {
    if (!at.has_relative_path()) return {"unknown", false};
    at = at.parent_path();
  }
  const auto magic = static_cast<std::uint32_t>(about.f_type);
  for (const Kind& kind : kKinds) {
    if (kind.magic == magic) return {kind.name, kind.network};
  }
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), "0x%x", magic);
  return {number.data(), false};
}

}  // namespace lowtide::host
