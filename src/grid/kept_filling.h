// A long series on its way into the kept series, batch by batch in one transaction: what is not
// committed is not kept. Others read meanwhile; who writes waits. One thread.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "grid/kept_series.h"
#include "host/sqlite.h"

namespace lowtide::grid {

class KeptFilling {
 public:
  // `path` is of KeptSeries, which is made if there is none. Errors: those of KeptSeries::open().
  [[nodiscard]] static Result<KeptFilling> begin(const std::string& path, Utc known);
  [[nodiscard]] Result<PutResult> put(const Batch& batch);
  [[nodiscard]] Result<void> commit();

 private:
  KeptFilling(std::unique_ptr<host::Database> database, host::Transaction transaction, Utc known);
  std::unique_ptr<host::Database> database_;  // before the transaction, which ends first
  host::Transaction transaction_;
  Utc known_;
};

}  // namespace lowtide::grid
