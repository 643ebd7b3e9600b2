#include "host/database_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "host/file_system.h"

namespace lowtide::host {

Result<void> make_database_file(const std::string& path) {
  std::error_code code;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder, code)) {
    std::filesystem::create_directories(folder, code);
    if (code) return fail(ErrorKind::denied, code.message(), folder);
    // It will hold command lines: its owner's only.
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, code);
  }
  struct stat about{};
  const bool known = stat(folder.empty() ? "." : folder.c_str(), &about) == 0;
  const bool shared = known && (about.st_mode & S_IWGRP) != 0 && (about.st_mode & S_ISVTX) == 0;
  // SQLite takes the mode for its own files.
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, shared ? 0660 : 0600);
  if (fd >= 0) ::close(fd);  // what is wrong otherwise, SQLite says better
  return {};
}

Result<std::int64_t> schema_of(Database& database, const DatabaseKind& kind) {
  const auto version = database.integer("PRAGMA user_version");
  if (!version) return version;
  const auto tables = database.integer("SELECT count(*) FROM sqlite_master");
  if (!tables) return tables;
  if (*tables == 0) return 0;
  const auto application = database.integer("PRAGMA application_id");
  if (!application) return application;
  if (*application != kind.application) {
    return fail(ErrorKind::malformed,
                std::string("is a database, but not ") + kind.name + " of lowtide", database.path(),
                kind.instead);
  }
  if (*version > kind.schema) {
    return fail(ErrorKind::malformed,
                "was written by a newer lowtide (schema " + std::to_string(*version) +
                    ", this one knows " + std::to_string(kind.schema) + ")",
                database.path(), std::string("update lowtide, or ") + kind.instead);
  }
  return version;
}

Result<void> mark_schema(Database& database, const DatabaseKind& kind) {
  const std::string mark = "PRAGMA application_id=" + std::to_string(kind.application) +
                           "; PRAGMA user_version=" + std::to_string(kind.schema);
  return database.execute(mark.c_str());
}

Result<void> choose_journal(Database& database) {
  return database.execute(file_system_of(database.path()).network
                              ? "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL;"
                              : "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
}

}  // namespace lowtide::host
