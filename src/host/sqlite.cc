#include "host/sqlite.h"

#include <array>
#include <utility>

namespace lowtide::host {
namespace {

// What SQLite's primary result codes mean to us; any other is our own mistake.
constexpr std::array<std::pair<int, ErrorKind>, 12> kKinds{{
    {SQLITE_PERM, ErrorKind::denied},
    {SQLITE_READONLY, ErrorKind::denied},
    {SQLITE_CANTOPEN, ErrorKind::denied},
    {SQLITE_AUTH, ErrorKind::denied},
    {SQLITE_CORRUPT, ErrorKind::malformed},
    {SQLITE_NOTADB, ErrorKind::malformed},
    {SQLITE_SCHEMA, ErrorKind::malformed},
    {SQLITE_BUSY, ErrorKind::temporary},
    {SQLITE_LOCKED, ErrorKind::temporary},
    {SQLITE_FULL, ErrorKind::temporary},
    {SQLITE_IOERR, ErrorKind::temporary},
    {SQLITE_NOMEM, ErrorKind::temporary},
}};

ErrorKind kind_of(int code) {
  for (const auto& [primary, kind] : kKinds) {
    if (primary == (code & 0xff)) return kind;
  }
  return ErrorKind::internal;
}

tl::unexpected<Error> sqlite_error(sqlite3* handle, int code, const std::string& where) {
  const char* text = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  return fail(kind_of(code), text, where);
}

}  // namespace

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* database = sqlite3_db_handle(handle_.get());
  const char* file = sqlite3_db_filename(database, "main");
  return sqlite_error(database, code, file == nullptr ? "" : file);
}

Result<void> Statement::run() {
  const auto row = step();
  sqlite3_reset(handle_.get());
  if (!row) return tl::unexpected(row.error());
  return {};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}
double Statement::real(int column) const { return sqlite3_column_double(handle_.get(), column); }
std::string Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(handle_.get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}
std::optional<double> Statement::maybe_real(int column) const {
  return is_null(column) ? std::nullopt : std::optional(real(column));
}
std::optional<Utc> Statement::maybe_utc(int column) const {
  return is_null(column) ? std::nullopt : std::optional(utc(column));
}

Result<Database> Database::open(const std::string& path, Access access) {
  sqlite3* handle = nullptr;
  const int flags = access == Access::read_only ? SQLITE_OPEN_READONLY
                                                : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle, path);
  if (code != SQLITE_OK) return sqlite_error(handle, code, path);
  sqlite3_extended_result_codes(handle, 1);
  return database;
}

Result<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(handle_.get(), code, path_);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code =
      sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
  if (code != SQLITE_OK) return sqlite_error(handle_.get(), code, path_);
  return Statement(handle);
}

Result<Statement*> Database::kept(std::string_view sql) {
  const auto known = kept_.find(sql);
  if (known != kept_.end()) return &known->second;
  auto statement = prepare(sql);
  if (!statement) return tl::unexpected(statement.error());
  return &kept_.emplace(sql, std::move(*statement)).first->second;
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return tl::unexpected(statement.error());
  const auto row = statement->step();
  if (!row) return tl::unexpected(row.error());
  return *row ? statement->integer(0) : 0;
}

void Database::wait_for_locks(Duration at_most) {
  sqlite3_busy_timeout(
      handle_.get(),
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(at_most).count()));
}

bool Database::moved() const {
  int moved = 0;
  sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

Result<Transaction> Transaction::begin(Database& database, const char* how) {
  const auto begun = database.execute(how);
  if (!begun) return tl::unexpected(begun.error());
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // A failed rollback leaves nothing to do: closing the handle rolls back too.
  static_cast<void>(database_->execute("ROLLBACK"));
}

Result<void> Transaction::commit() {
  const auto done = database_->execute("COMMIT");
  if (done) database_ = nullptr;
  return done;
}

}  // namespace lowtide::host
