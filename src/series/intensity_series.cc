#include "series/intensity_series.h"

#include <algorithm>
#include <utility>

namespace lowtide {

Result<IntensitySeries> IntensitySeries::from(std::vector<IntensityPiece> pieces) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].span.empty()) {
      return fail(ErrorKind::malformed,
                  "an intensity piece at " + format_utc(pieces[i].span.begin) + " has no length");
    }
    if (i > 0 && pieces[i].span.begin < pieces[i - 1].span.end) {
      return fail(ErrorKind::malformed,
                  "intensity pieces overlap or go back at " + format_utc(pieces[i].span.begin));
    }
  }
  IntensitySeries series;
  series.pieces_ = std::move(pieces);
  return series;
}

std::vector<IntensityPiece>::const_iterator IntensitySeries::first_after(Utc t) const {
  return std::partition_point(pieces_.begin(), pieces_.end(),
                              [&](const IntensityPiece& piece) { return piece.span.end <= t; });
}

std::optional<Intensity> IntensitySeries::at(Utc t) const {
  const auto piece = first_after(t);
  if (piece == pieces_.end() || !piece->span.holds(t)) return std::nullopt;
  return piece->value;
}

IntensitySeries::Mean IntensitySeries::mean(Interval over) const {
  Mean result;
  double weighted = 0;  // g/kWh times seconds
  Quality worst = Quality::measured;
  for (auto piece = first_after(over.begin); piece != pieces_.end() && piece->span.begin < over.end;
       ++piece) {
    const Duration common = piece->span.meet(over).length();
    weighted += as_grams_per_kwh(piece->value) * as_seconds(common);
    result.covered += common;
    worst = std::max(worst, piece->quality);
  }
  if (result.covered > Duration::zero()) {
    result.value = grams_per_kwh(weighted / as_seconds(result.covered));
    result.quality = worst;
  }
  return result;
}

IntensitySeries IntensitySeries::slice(Interval over) const {
  IntensitySeries cut;
  if (over.empty()) return cut;
  for (auto piece = first_after(over.begin); piece != pieces_.end() && piece->span.begin < over.end;
       ++piece) {
    cut.pieces_.push_back(*piece);
    cut.pieces_.back().span = piece->span.meet(over);
  }
  return cut;
}

}  // namespace lowtide
