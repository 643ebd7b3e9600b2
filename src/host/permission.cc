#include "host/permission.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace lowtide::host {
namespace {

// NOLINTBEGIN(concurrency-mt-unsafe): before any thread; the databases have no other reader
std::string group_name(gid_t gid) {
  const group* found = getgrgid(gid);
  return found == nullptr ? std::to_string(gid) : found->gr_name;
}

User user_of(const passwd& row) {
  return {row.pw_uid, row.pw_gid, row.pw_name, group_name(row.pw_gid)};
}

User user_of(uid_t uid) {
  if (const passwd* row = getpwuid(uid)) return user_of(*row);
  const gid_t gid = uid == geteuid() ? getegid() : static_cast<gid_t>(uid);
  return {uid, gid, std::to_string(uid), group_name(gid)};
}
// NOLINTEND(concurrency-mt-unsafe)

std::vector<gid_t> groups_of(const User& user) {
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (getgrouplist(user.name.c_str(), user.gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    getgrouplist(user.name.c_str(), user.gid, groups.data(), &count);
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

}  // namespace

User calling_user() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
  const char* sudo = geteuid() == 0 ? std::getenv("SUDO_UID") : nullptr;
  if (sudo == nullptr) return user_of(geteuid());
  return user_of(static_cast<uid_t>(std::strtoul(sudo, nullptr, 10)));
}

std::optional<User> find_user(const std::string& name) {
  const passwd* row = getpwnam(name.c_str());  // NOLINT(concurrency-mt-unsafe): before any thread
  if (row != nullptr) return user_of(*row);
  if (name.empty() || name.find_first_not_of("0123456789") != std::string::npos) return {};
  return user_of(static_cast<uid_t>(std::strtoul(name.c_str(), nullptr, 10)));
}

bool may_access(const User& user, const std::string& path, int mode) {
  // Root's own question, or that of the user who runs this: what the kernel says is all.
  if (geteuid() != 0 || user.uid == 0)
    return faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
  const std::vector<gid_t> groups = groups_of(user);
  const pid_t child = fork();
  if (child == 0) {
    const bool them = setgroups(groups.size(), groups.data()) == 0 && setgid(user.gid) == 0 &&
                      setuid(user.uid) == 0;
    _exit(them && access(path.c_str(), mode) == 0 ? 0 : 1);
  }
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace lowtide::host
