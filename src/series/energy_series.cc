#include "series/energy_series.h"

#include <algorithm>
#include <utility>

namespace lowtide {
namespace {

Energy share(const EnergyPiece& piece, Interval part) {
  return piece.energy * (as_seconds(part.length()) / as_seconds(piece.span.length()));
}

}  // namespace

Result<EnergySeries> EnergySeries::from(std::vector<EnergyPiece> pieces) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].span.empty() || (i > 0 && pieces[i].span.begin < pieces[i - 1].span.end)) {
      return fail(ErrorKind::malformed, "energy pieces are empty, overlap or go back at " +
                                            format_utc(pieces[i].span.begin));
    }
  }
  EnergySeries series;
  series.pieces_ = std::move(pieces);
  return series;
}

Energy EnergySeries::total() const {
  Energy sum;
  for (const EnergyPiece& piece : pieces_) sum += piece.energy;
  return sum;
}

Duration EnergySeries::covered(Interval over) const {
  Duration sum{};
  for (const EnergyPiece& piece : pieces_) sum += piece.span.meet(over).length();
  return sum;
}

EnergySeries EnergySeries::slice(Interval over) const {
  EnergySeries cut;
  for (const EnergyPiece& piece : pieces_) {
    const Interval part = piece.span.meet(over);
    if (!part.empty()) cut.pieces_.push_back({part, share(piece, part), piece.quality});
  }
  return cut;
}

std::vector<JoinedPiece> join(const EnergySeries& energy, const IntensitySeries& intensity) {
  std::vector<JoinedPiece> joined;
  const auto grid = intensity.pieces();
  std::size_t next = 0;  // first intensity piece that may still matter
  for (const EnergyPiece& piece : energy.pieces()) {
    while (next < grid.size() && grid[next].span.end <= piece.span.begin) ++next;
    Utc at = piece.span.begin;
    const auto add = [&](Utc until, std::optional<Intensity> value) {
      if (until <= at) return;
      joined.push_back({{at, until}, share(piece, {at, until}), value});
      at = until;
    };
    for (std::size_t i = next; i < grid.size() && grid[i].span.begin < piece.span.end; ++i) {
      add(std::min(grid[i].span.begin, piece.span.end), std::nullopt);
      add(std::min(grid[i].span.end, piece.span.end), grid[i].value);
    }
    add(piece.span.end, std::nullopt);
  }
  return joined;
}

JoinedTotal total(std::span<const JoinedPiece> pieces) {
  JoinedTotal sum;
  for (const JoinedPiece& piece : pieces) {
    if (piece.intensity) {
      sum.carbon += piece.energy * *piece.intensity;
      sum.priced += piece.energy;
    } else {
      sum.unpriced += piece.energy;
    }
  }
  return sum;
}

}  // namespace lowtide
