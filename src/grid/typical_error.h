// How far a zone's typical year was off in other years: typical_odbl_error.csv, and what shifts
// chosen by it came to: typical_odbl_savings.csv (docs/adr/0010-typical-intensity.md).
//
// Found by the zone's own other years where there are any; else assumed, pooled over zones with a
// like swing. Fractions: of the typical value, and of what running at once emits.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace lowtide::grid {

// Who says it.
struct TypicalJudges {
  bool own = false;   // this zone's other years; else pooled: assumed
  std::string zones;  // how many, of a pool
  std::string years;  // "2021, 2022 and 2024"
};

// 95 % of the hours of other years lie at most `low` under and `high` over their typical value.
struct TypicalError {
  double low = 0;
  double high = 0;
  TypicalJudges judges;
};
// Errors: absent when the file or the zone's row is not there; malformed with file, line and field.
[[nodiscard]] Result<TypicalError> typical_error(const std::string& data_dir,
                                                 const std::string& zone);

// Of ten shifts that the typical year promised to save so much, one saved less than `low`, and one
// more than `high`.
struct SavingRange {
  double low = 0;
  double high = 0;
};
struct TypicalSavings {
  struct Came {
    double promised = 0;
    SavingRange range;
  };
  std::vector<Came> came;  // by rising promise; never empty
  TypicalJudges judges;

  // Linear between promises; no more than was seen beyond them.
  [[nodiscard]] SavingRange range(double promised) const;
};
// Errors as typical_error().
[[nodiscard]] Result<TypicalSavings> typical_savings(const std::string& data_dir,
                                                     const std::string& zone);

}  // namespace lowtide::grid
