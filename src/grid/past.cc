#include "grid/past.h"

#include <algorithm>
#include <vector>

#include "series/origin.h"

namespace lowtide::grid {
namespace {

// The pieces of the wanted origins.
template <typename Wanted>
IntensitySeries only(const IntensityUsed& used, Wanted wanted) {
  std::vector<IntensityPiece> pieces;
  for (const IntensityPiece& piece : used.series.pieces()) {
    if (wanted(origin_of(used, piece))) pieces.push_back(piece);
  }
  return IntensitySeries::from(std::move(pieces)).value_or(IntensitySeries());
}

}  // namespace

bool is_past(IntensityKind kind) {
  return kind == IntensityKind::history || kind == IntensityKind::stated ||
         kind == IntensityKind::estimated;
}

std::optional<KnownPast> known_past(const IntensityUsed& used, Interval over) {
  const IntensitySeries series =
      only(used, [](const IntensityOrigin& origin) { return is_past(origin.kind); });
  if (series.empty()) return std::nullopt;
  const Interval known{std::max(over.begin, series.pieces().front().span.begin), over.end};
  auto history = forecast::history_of(series, known, forecast::step_of(series));
  if (!history) return std::nullopt;
  auto& values = history->values;
  while (!values.empty() && !forecast::is_known(values.back())) values.pop_back();
  if (values.empty()) return std::nullopt;
  KnownPast past{std::move(*history), 0};
  const auto count =
      std::count_if(past.history.values.begin(), past.history.values.end(), forecast::is_known);
  past.coverage = static_cast<double>(count) / static_cast<double>(past.history.values.size());
  return past;
}

std::optional<ProvidersForecast> providers_forecast(const IntensityUsed& used, Interval over) {
  std::optional<ProvidersForecast> out;
  const IntensitySeries series = only(used, [&](const IntensityOrigin& origin) {
    const bool known = origin.issued.value_or(over.begin) <= over.begin;
    const bool wanted = origin.kind == IntensityKind::forecast && known;
    if (wanted && (!out || origin.issued > out->origin.issued)) {
      out = ProvidersForecast{origin, {}, false};
    }
    return wanted;
  });
  if (!out) return std::nullopt;
  const Duration step = forecast::step_of(series);
  const Utc first = over.begin - (over.begin.time_since_epoch() % step);
  auto slots = forecast::history_of(series, {first, over.end}, step);
  if (!slots) return std::nullopt;
  out->slots = std::move(*slots);
  // What is known of the slot that holds the begin may be history already.
  const auto later = out->slots.values.begin() + (first < over.begin ? 1 : 0);
  out->whole = std::all_of(later, out->slots.values.end(), forecast::is_known);
  return out;
}

}  // namespace lowtide::grid
