// Whether a user may open a file, asked of the kernel: who runs as root can ask for another user.
// No state; forks a child that asks and exits.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace lowtide::host {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;     // the primary group
  std::string name;  // the number where it has none
  std::string group;
};

// Who asks: behind sudo the user who called it.
[[nodiscard]] User calling_user();
[[nodiscard]] std::optional<User> find_user(const std::string& name);

// As access(2) with R_OK and W_OK, with all groups of the user.
[[nodiscard]] bool may_access(const User& user, const std::string& path, int mode);

}  // namespace lowtide::host
