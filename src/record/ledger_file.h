// The ledger's file: its tables, and how it is opened. docs/formats/ledger.md describes the schema.
#pragma once

#include <string>

#include "host/sqlite.h"

namespace lowtide::record {

inline constexpr int kLedgerSchema = 4;

// As Ledger::open and Ledger::open_to_read.
[[nodiscard]] Result<host::Database> open_ledger_file(const std::string& path);
[[nodiscard]] Result<host::Database> open_ledger_file_to_read(const std::string& path);
// Makes the tables of an empty file, or brings those of an older schema up to this one.
[[nodiscard]] Result<void> make_ledger_tables(host::Database& database);

}  // namespace lowtide::record
