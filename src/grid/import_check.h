// What is odd about one value column, row by row as it goes by. Flags and counts, changes nothing.
// A plain value in memory of its own size, no threads.
#pragma once

#include <cstdint>
#include <optional>

#include "base/units.h"
#include "grid/import.h"
#include "grid/low_watch.h"

namespace lowtide::grid {

class ImportCheck {
 public:
  // The next row's value; `line` is where it stands.
  void add(const std::optional<Intensity>& value, std::int64_t line, bool estimated);
  // Writes its counts and warnings, where step, rows and column are known already.
  void finish(ImportReport& report) const;

 private:
  struct Run {  // of rows that say the same
    std::int64_t rows = 0;
    std::int64_t line = 0;  // of the first
  };
  struct Odd {
    std::int64_t rows = 0;
    std::int64_t line = 0;  // of the first
    void count(std::int64_t at) {
      if (rows++ == 0) line = at;
    }
  };
  void extend_run(const std::optional<Intensity>& value, std::int64_t line);
  void warn_of_values(ImportReport& report) const;
  void warn_of_runs(ImportReport& report) const;

  std::int64_t values_ = 0;
  std::int64_t missing_ = 0;
  std::int64_t estimated_ = 0;
  Odd zeros_;
  Odd negative_;
  Odd absurd_;
  LowWatch low_;
  double sum_g_ = 0;  // g/kWh
  std::optional<Intensity> lowest_;
  std::optional<Intensity> highest_;
  std::optional<Intensity> before_;
  Run run_;            // the one that goes on
  Run longest_value_;  // of a value
  Run longest_blank_;
};

}  // namespace lowtide::grid
