// A run of the ledger as JSON: the tables, row by row, under the names of their columns.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "record/ledger.h"
#include "record/ledger_tables.h"

namespace lowtide::record {
namespace {

using Json = nlohmann::ordered_json;

// A moment is text: as a number of nanoseconds it would lose its last digits in most readers.
std::string moment(Utc t) {
  const auto ns = (t - std::chrono::floor<std::chrono::seconds>(t)).count();
  return fmt::format("{:.19}.{:09}Z", format_utc(t), ns);
}

bool is_json(const std::string& column) {
  static const std::set<std::string_view> columns{"command",     "tags",   "counts", "machine",
                                                  "options",     "errors", "about",  "device_use",
                                                  "second_path", "runs",   "basis",  "forecast"};
  return columns.contains(column);
}

Json number_of(const Statement& row, int column, const std::string& name) {
  if (row.type(column) == SQLITE_FLOAT) return row.real(column);
  return name == "in_total" ? Json(row.integer(column) != 0) : Json(row.integer(column));
}

Json text_of(const Statement& row, int column, const std::string& name) {
  const std::string text = row.text(column);
  Json read = is_json(name) ? Json::parse(text, nullptr, false) : Json(text);
  return read.is_discarded() ? Json(text) : read;
}

std::string row_json(const Statement& row) {
  Json object = Json::object();
  for (int i = 0; i < row.columns(); ++i) {
    std::string name = row.name(i);
    const bool length = name.ends_with("_cpu_ns") || name == "covered_ns";
    const bool time = name.ends_with("_ns") && !length;
    if (time) name.resize(name.size() - 3);
    if (row.is_null(i)) {
      object[name] = nullptr;
    } else if (time) {
      object[name] = moment(row.utc(i));
    } else if (row.type(i) == SQLITE_TEXT) {
      object[name] = text_of(row, i, name);
    } else {
      object[name] = number_of(row, i, name);
    }
  }
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The rows of a query, one a line.
Result<std::string> rows_json(Database& database, const std::string& sql, std::int64_t key) {
  auto statement = database.prepare(sql);
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(key);
  std::string rows;
  while (true) {
    const auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return rows;
    rows += (rows.empty() ? "\n" : ",\n") + row_json(*statement);
  }
}

}  // namespace

Result<std::string> Ledger::export_json(std::int64_t key) {
  const auto moment = Transaction::begin(database_, "BEGIN");
  if (!moment) return tl::unexpected(moment.error());
  const auto run =
      rows_json(database_, std::string("SELECT ") + kRunColumns + " FROM run WHERE key=?", key);
  if (!run) return run;
  if (run->empty()) return fail(ErrorKind::absent, "no such run", database_.path());
  std::string text = "{\"run\":" + *run;
  std::vector<RunTable> tables(kRunTables.begin(), kRunTables.end());
  tables.insert(tables.end(), kActTables.begin(), kActTables.end());
  for (const RunTable& table : tables) {
    const auto rows = rows_json(database_,
                                fmt::format("SELECT {} FROM {} WHERE run=? ORDER BY {}",
                                            table.columns, table.name, table.order),
                                key);
    if (!rows) return rows;
    text += fmt::format(",\n\"{}\":[{}]", table.name, *rows);
  }
  return text + "}";
}

}  // namespace lowtide::record
