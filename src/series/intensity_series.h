// Carbon intensity over time: a step function with gaps.
//
// Each piece holds one value over [begin, end) of UTC; pieces are in order and do not overlap; what
// no piece covers is a gap and stays one: a mean over it says how much of it was covered and is
// absent where nothing was. Values carry their unit in the type. A plain value, no threads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "base/words.h"

namespace lowtide {

struct IntensityPiece {
  Interval span;
  Intensity value;
  Quality quality = Quality::measured;
  std::uint32_t origin = 0;  // of IntensityUsed::origins
  bool operator==(const IntensityPiece&) const = default;
};

class IntensitySeries {
 public:
  struct Mean {
    std::optional<Intensity> value;  // time-weighted over what is covered; absent where nothing is
    Duration covered{};
    Quality quality = Quality::gap;  // the worst of the pieces used
  };

  IntensitySeries() = default;
  // Error malformed when a piece is empty, out of order or overlaps its neighbour.
  [[nodiscard]] static Result<IntensitySeries> from(std::vector<IntensityPiece> pieces);

  [[nodiscard]] std::span<const IntensityPiece> pieces() const { return pieces_; }
  [[nodiscard]] bool empty() const { return pieces_.empty(); }
  [[nodiscard]] std::optional<Intensity> at(Utc t) const;
  [[nodiscard]] Mean mean(Interval over) const;
  [[nodiscard]] Duration covered(Interval over) const { return mean(over).covered; }
  // The pieces that meet `over`, cut at its ends.
  [[nodiscard]] IntensitySeries slice(Interval over) const;

 private:
  // The first piece that ends after t.
  [[nodiscard]] std::vector<IntensityPiece>::const_iterator first_after(Utc t) const;
  std::vector<IntensityPiece> pieces_;
};

}  // namespace lowtide
