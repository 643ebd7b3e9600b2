// What each start saves (study/scale.h), as text: a row a zone and start, a column for each length,
// slack and policy.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "study/scale.h"

namespace lowtide::show {

// A zone's part: as many starts as each column has values.
struct ScaleRows {
  std::string zone;
  std::vector<Utc> starts;
  std::vector<std::vector<float>> saving_pct;  // by column
};

// "flexible_start_6h_24h_pct": policy, length, slack, unit.
[[nodiscard]] std::vector<std::string> scale_names(const study::ScaleAxes& axes);

// Times to the minute, percents with two digits; what is not known is empty.
[[nodiscard]] std::string scale_csv_head(const study::ScaleAxes& axes);
[[nodiscard]] std::string scale_csv(const ScaleRows& rows);

}  // namespace lowtide::show
