#include "grid/kept_filling.h"

#include <utility>

#include "grid/kept_tables.h"
#include "host/database_file.h"

namespace lowtide::grid {
namespace {

using host::Database;
using host::Transaction;

constexpr Duration kPatience = std::chrono::seconds(5);  // for another writer

}  // namespace

KeptFilling::KeptFilling(std::unique_ptr<Database> database, Transaction transaction, Utc known)
    : database_(std::move(database)), transaction_(std::move(transaction)), known_(known) {}

Result<KeptFilling> KeptFilling::begin(const std::string& path, Utc known) {
  if (const auto made = KeptSeries::open(path); !made) return tl::unexpected(made.error());
  auto opened = Database::open(path, Database::Access::read_write);
  if (!opened) return tl::unexpected(opened.error());
  auto database = std::make_unique<Database>(std::move(*opened));
  database->wait_for_locks(kPatience);
  if (auto set = host::choose_journal(*database); !set) {
    return told<KeptFilling>(tl::unexpected(set.error()));
  }
  auto transaction = Transaction::begin(*database);
  if (!transaction) return told<KeptFilling>(tl::unexpected(transaction.error()));
  return KeptFilling(std::move(database), std::move(*transaction), known);
}

Result<PutResult> KeptFilling::put(const Batch& batch) {
  return told(put_batch(*database_, batch, known_));
}

Result<void> KeptFilling::commit() { return told(transaction_.commit()); }

}  // namespace lowtide::grid
