// One series of several answers: what comes first has an interval, what comes later what is left.
//
// The result says of each piece where it came from (IntensityUsed::origins) and in `source` and
// `model` of which answers it has pieces. Its gas, scope and step are the first answer's.
#pragma once

#include <vector>

#include "base/result.h"
#include "series/run.h"

namespace lowtide::grid {

// Of one gas and, as far as they say, one scope: may be joined.
[[nodiscard]] bool alike(const IntensityUsed& first, const IntensityUsed& other);

class Joined {
 public:
  explicit Joined(IntensityUsed base) : used_(std::move(base)) {}

  // What of the answer lies within `over` where none has come yet. Whether there was any.
  bool add(const IntensityUsed& more, Interval over);

  [[nodiscard]] bool covers(Interval over) const { return rest_of(over, united(taken_)).empty(); }
  [[nodiscard]] bool has_any() const { return !pieces_.empty(); }
  [[nodiscard]] const IntensityUsed& so_far() const { return used_; }

  // With its hash.
  Result<IntensityUsed> done() &&;

 private:
  std::uint32_t origin_of_mine(const IntensityOrigin& origin);
  void describe_with(const IntensityUsed& more);

  IntensityUsed used_;
  std::vector<IntensityPiece> pieces_;
  std::vector<Interval> taken_;
  int parts_ = 0;
};

}  // namespace lowtide::grid
