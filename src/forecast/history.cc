#include "forecast/history.h"

#include <algorithm>
#include <map>

namespace lowtide::forecast {
namespace {

constexpr Duration kHour = std::chrono::hours(1);

// The first slot edge at or after t.
Utc edge_after(Utc t, Duration step) {
  const Duration since = t.time_since_epoch();
  Duration rest = since % step;
  if (rest < Duration::zero()) rest += step;
  return rest == Duration::zero() ? t : t + (step - rest);
}

}  // namespace

Past Past::last(std::size_t slots) const {
  const std::size_t kept = std::min(slots, size());
  return {begin + step * static_cast<std::int64_t>(size() - kept), step, values.last(kept)};
}

Duration step_of(const IntensitySeries& series) {
  std::map<Duration, std::size_t> counts;
  for (const IntensityPiece& piece : series.pieces()) ++counts[piece.span.length()];
  const auto best =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (best == counts.end()) return kSlot;
  const Duration step = std::min(best->first, kHour);
  const bool fits = step % kSlot == Duration::zero() && kHour % step == Duration::zero();
  return fits ? step : kSlot;
}

Result<History> history_of(const IntensitySeries& series, Interval over, Duration step) {
  if (step <= Duration::zero() || kHour % step != Duration::zero()) {
    return fail(ErrorKind::malformed, "a step that does not divide an hour");
  }
  History history{edge_after(over.begin, step), step, {}};
  const auto pieces = series.pieces();
  auto piece = pieces.begin();
  for (Utc begin = history.begin; begin + step <= over.end; begin += step) {
    const Interval slot{begin, begin + step};
    while (piece != pieces.end() && piece->span.end <= slot.begin) ++piece;
    Intensity sum;
    Duration covered{};
    for (auto p = piece; p != pieces.end() && p->span.begin < slot.end; ++p) {
      const Duration part = p->span.meet(slot).length();
      sum += p->value * (as_seconds(part) / as_seconds(step));
      covered += part;
    }
    history.values.push_back(covered < step ? kUnknown : sum);
  }
  if (!history.values.empty()) return history;
  return fail(ErrorKind::absent, "no whole slot of the series lies in the time asked for");
}

}  // namespace lowtide::forecast
