// What came of verifying reports, as text and as lowtide.verify/1 (docs/formats/report.md).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "show/text.h"

namespace lowtide::show {

enum class Verification { holds, differs, not_checked };

struct Check {
  std::string what;  // "energy", "sum of the slots' carbon", "series of FR, average"
  Verification verdict = Verification::holds;
  std::int64_t figures = 0;  // that were compared
  std::string detail;        // the first that differs, or why it was not checked
};

struct Verified {
  std::string run;  // its id; "sum" for the sum of several
  std::vector<Check> checks;
  [[nodiscard]] bool holds() const;
};

// Whether all of them hold.
[[nodiscard]] bool all_hold(std::span<const Verified> all);
[[nodiscard]] std::string verified_text(std::span<const Verified> all, const Style& style);
[[nodiscard]] std::string verified_json(std::span<const Verified> all);

}  // namespace lowtide::show
