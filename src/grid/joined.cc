#include "grid/joined.h"

#include <algorithm>
#include <optional>

#include "grid/hash.h"
#include "grid/kept_provider.h"
#include "series/origin.h"

namespace lowtide::grid {
namespace {

void add_word(std::string& text, const std::string& word, const char* between) {
  if (word.empty() || text == word) return;
  if (!text.empty()) text += between;
  text += word;
}

// The wider of two; not known where one is not.
std::optional<double> wider(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::optional(std::max(*a, *b)) : std::nullopt;
}

}  // namespace

bool alike(const IntensityUsed& first, const IntensityUsed& other) {
  const bool same_scope = !first.scope || !other.scope || first.scope == other.scope;
  return first.gas == other.gas && same_scope;
}

bool Joined::add(const IntensityUsed& more, Interval over) {
  bool any = false;
  const auto free = rest_of(over, united(taken_));
  for (const Interval hole : free) {
    const IntensitySeries part = more.series.slice(hole);
    for (IntensityPiece piece : part.pieces()) {
      piece.origin = origin_of_mine(lowtide::origin_of(more, piece));
      pieces_.push_back(piece);
      taken_.push_back(piece.span);
      any = true;
    }
  }
  if (any) describe_with(more);
  return any;
}

Result<IntensityUsed> Joined::done() && {
  std::sort(pieces_.begin(), pieces_.end(), [](const IntensityPiece& a, const IntensityPiece& b) {
    return a.span.begin < b.span.begin;
  });
  auto series = IntensitySeries::from(std::move(pieces_));
  if (!series) return tl::unexpected(series.error());
  used_.series = std::move(*series);
  used_.sha256 = sha256_hex(series_text(used_.series));
  return std::move(used_);
}

std::uint32_t Joined::origin_of_mine(const IntensityOrigin& origin) {
  auto at = std::find(used_.origins.begin(), used_.origins.end(), origin);
  if (at == used_.origins.end()) at = used_.origins.insert(at, origin);
  return static_cast<std::uint32_t>(at - used_.origins.begin());
}

void Joined::describe_with(const IntensityUsed& more) {
  if (parts_++ == 0) {
    used_.source = more.source;
    used_.model = more.model;
    used_.step = more.step;
    used_.scope = more.scope;
    used_.gas = more.gas;
    used_.error_low_rel = more.error_low_rel;
    used_.error_high_rel = more.error_high_rel;
    used_.error_reference = more.error_reference;
    used_.licence = more.licence;
    return;
  }
  add_word(used_.source, more.source, " + ");
  add_word(used_.model, more.model, " + ");
  add_word(used_.error_reference, more.error_reference, "; ");
  add_word(used_.licence, more.licence, "; ");
  used_.error_low_rel = wider(used_.error_low_rel, more.error_low_rel);
  used_.error_high_rel = wider(used_.error_high_rel, more.error_high_rel);
}

}  // namespace lowtide::grid
