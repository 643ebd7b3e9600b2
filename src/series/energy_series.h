// Energy over time, with gaps, and its join with carbon intensity.
//
// A piece says how much energy was used over [begin, end) of UTC; inside a piece the power is taken
// as constant, so a cut conserves the energy. What no piece covers is a gap: it adds nothing to a
// total and is missing from its coverage. A plain value, no threads.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "base/words.h"
#include "series/intensity_series.h"

namespace lowtide {

struct EnergyPiece {
  Interval span;
  Energy energy;
  Quality quality = Quality::measured;
  bool operator==(const EnergyPiece&) const = default;
};

class EnergySeries {
 public:
  EnergySeries() = default;
  // Error malformed when a piece is empty, out of order or overlaps its neighbour.
  [[nodiscard]] static Result<EnergySeries> from(std::vector<EnergyPiece> pieces);

  [[nodiscard]] std::span<const EnergyPiece> pieces() const { return pieces_; }
  [[nodiscard]] Energy total() const;
  [[nodiscard]] Duration covered(Interval over) const;
  [[nodiscard]] EnergySeries slice(Interval over) const;

 private:
  std::vector<EnergyPiece> pieces_;
};

// One stretch of constant power and constant (or unknown) intensity.
struct JoinedPiece {
  Interval span;
  Energy energy;
  std::optional<Intensity> intensity;
};

// Energy x intensity, interval by interval: the pieces of `energy` cut at the edges of `intensity`.
// Energy over a gap of the intensity keeps its energy and has no intensity.
[[nodiscard]] std::vector<JoinedPiece> join(const EnergySeries& energy,
                                            const IntensitySeries& intensity);

struct JoinedTotal {
  Carbon carbon;    // of the energy whose intensity is known
  Energy priced;    // that energy
  Energy unpriced;  // energy in a gap of the intensity
};
[[nodiscard]] JoinedTotal total(std::span<const JoinedPiece> pieces);

}  // namespace lowtide
