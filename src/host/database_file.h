// A database file of lowtide's own: made with its owner's rights, told from any other SQLite file
// by its mark, and of a schema that this lowtide knows. No state.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "host/sqlite.h"

namespace lowtide::host {

struct DatabaseKind {
  const char* name;          // "a ledger"
  std::int64_t application;  // PRAGMA application_id
  std::int64_t schema;       // PRAGMA user_version: the newest that is known
  const char* instead;       // what to do about a file that is something else
};

// The folder (0700) and an empty file (0600; as the umask allows also the group's in a folder that
// is shared with its group on purpose). What is there already is left as it is.
[[nodiscard]] Result<void> make_database_file(const std::string& path);

// The schema of the file: 0 for an empty one. Error malformed for a file that is not of this kind,
// or that a newer lowtide wrote.
[[nodiscard]] Result<std::int64_t> schema_of(Database& database, const DatabaseKind& kind);

// Marks the file as one of this kind and schema.
[[nodiscard]] Result<void> mark_schema(Database& database, const DatabaseKind& kind);

// WAL, which needs shared memory between the processes of one machine; on a network file system a
// rollback journal.
[[nodiscard]] Result<void> choose_journal(Database& database);

}  // namespace lowtide::host
