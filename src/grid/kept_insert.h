// Values of spans of which nothing is known, on their way into the table `value`, many a statement:
// SQLite takes half as long for a row among 64 as for one alone, and no less among more
// (bench/put_bench.cc). Only for kept_*.cc.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/sqlite.h"

namespace lowtide::grid {

// One of them.
inline constexpr std::string_view kInsertValue = "INSERT OR IGNORE INTO value VALUES(?,?,?,?,?,?)";

struct NewValue {
  std::int64_t begin_s;
  std::int64_t length_s;
  std::int64_t kind;
  double g_per_kwh;
};

class NewValues {
 public:
  // Of one series, learnt at one time. `database` outlives it.
  NewValues(host::Database& database, std::int64_t series, std::int64_t known_ms)
      : database_(database), series_(series), known_ms_(known_ms) {}

  [[nodiscard]] Result<void> add(const NewValue& value);
  // Those that wait; to be called behind the last one.
  [[nodiscard]] Result<void> finish();

 private:
  Result<void> put_many();

  host::Database& database_;
  std::int64_t series_;
  std::int64_t known_ms_;
  std::vector<NewValue> waiting_;
};

}  // namespace lowtide::grid
