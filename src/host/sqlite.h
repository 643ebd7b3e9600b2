// A thin owner of SQLite handles: errors become Error, values are bound and read by type.
// One thread a Database. Times are stored as nanoseconds since the epoch, UTC.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lowtide::host {

class Statement {
 public:
  template <typename... Args>
  Statement& bind(const Args&... args) {
    sqlite3_reset(handle_.get());
    int index = 0;
    (put(++index, args), ...);
    return *this;
  }
  // Binds the parameter `index`, from 1 on; the others stay as they are. Not while it is stepped.
  template <typename T>
  void bind_at(int index, const T& value) {
    put(index, value);
  }
  // true while there is a row.
  [[nodiscard]] Result<bool> step();
  // For statements that return no row.
  [[nodiscard]] Result<void> run();

  [[nodiscard]] int columns() const { return sqlite3_column_count(handle_.get()); }
  [[nodiscard]] std::string name(int column) const {
    return sqlite3_column_name(handle_.get(), column);
  }
  [[nodiscard]] int type(int column) const { return sqlite3_column_type(handle_.get(), column); }
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] Utc utc(int column) const { return Utc(Duration(integer(column))); }
  [[nodiscard]] Duration duration(int column) const { return Duration(integer(column)); }
  [[nodiscard]] std::optional<double> maybe_real(int column) const;
  [[nodiscard]] std::optional<Utc> maybe_utc(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

  void put(int index, std::int64_t value) { sqlite3_bind_int64(handle_.get(), index, value); }
  void put(int index, int value) { sqlite3_bind_int64(handle_.get(), index, value); }
  void put(int index, bool value) { sqlite3_bind_int64(handle_.get(), index, value ? 1 : 0); }
  void put(int index, std::size_t value) {
    sqlite3_bind_int64(handle_.get(), index, static_cast<std::int64_t>(value));
  }
  void put(int index, double value) { sqlite3_bind_double(handle_.get(), index, value); }
  void put(int index, std::string_view value) {
    sqlite3_bind_text(handle_.get(), index, value.data(), static_cast<int>(value.size()),
                      SQLITE_TRANSIENT);
  }
  void put(int index, const std::string& value) { put(index, std::string_view(value)); }
  void put(int index, const char* value) { put(index, std::string_view(value)); }
  void put(int index, Utc value) { put(index, std::int64_t{value.time_since_epoch().count()}); }
  void put(int index, BootTime value) {
    put(index, std::int64_t{value.time_since_epoch().count()});
  }
  void put(int index, Duration value) { put(index, std::int64_t{value.count()}); }
  template <typename T>
  void put(int index, const std::optional<T>& value) {
    if (value) {
      put(index, *value);
    } else {
      sqlite3_bind_null(handle_.get(), index);
    }
  }

  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

class Database {
 public:
  enum class Access { read_only, read_write };
  // Errors: absent (no file, read only), denied, temporary (disk, lock), malformed (no database).
  [[nodiscard]] static Result<Database> open(const std::string& path, Access access);

  [[nodiscard]] Result<void> execute(const char* sql);
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  // As prepare, but kept as long as the database: for what each flush says again. Not for a text
  // that is made up anew each time, and not while the same statement is stepped through.
  [[nodiscard]] Result<Statement*> kept(std::string_view sql);
  // Binds and runs a kept statement once.
  template <typename... Args>
  [[nodiscard]] Result<void> run(std::string_view sql, const Args&... args) {
    auto statement = kept(sql);
    if (!statement) return tl::unexpected(statement.error());
    return (*statement)->bind(args...).run();
  }
  [[nodiscard]] Result<std::int64_t> integer(std::string_view sql);
  void wait_for_locks(Duration at_most);
  [[nodiscard]] std::int64_t last_row() const { return sqlite3_last_insert_rowid(handle_.get()); }
  [[nodiscard]] const std::string& path() const { return path_; }
  // The file is no longer at path(): what is written now is lost to whoever looks there.
  [[nodiscard]] bool moved() const;

 private:
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
  std::map<std::string, Statement, std::less<>> kept_;  // after handle_: gone before it closes
};

// begin immediate .. commit; rolls back unless committed. A "BEGIN" only reads, at one moment.
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> begin(Database& database,
                                                 const char* how = "BEGIN IMMEDIATE");
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  [[nodiscard]] Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace lowtide::host
