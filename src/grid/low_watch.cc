#include "grid/low_watch.h"

#include <algorithm>

namespace lowtide::grid {

double LowWatch::bound(std::size_t from) const {
  double least = row(from).g_per_kwh;
  for (std::size_t i = 1; i < kNear; ++i) least = std::min(least, row(from + i).g_per_kwh);
  return kShare * least;
}

std::size_t LowWatch::low_ones() const {
  const double first = row(kNear).g_per_kwh;
  if (first <= 0 || first >= kShare * row(kNear - 1).g_per_kwh) return 0;
  const double before = bound(0);
  const auto is_low = [&](std::size_t i, double below) {
    return row(kNear + i).g_per_kwh > 0 && row(kNear + i).g_per_kwh < below;
  };
  std::size_t count = 0;
  while (count <= kMost && is_low(count, before)) ++count;
  if (count == 0 || count > kMost) return 0;
  const double after = bound(kNear + count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_low(i, after)) return 0;
  }
  return count;
}

void LowWatch::add(Intensity value, std::int64_t line) {
  rows_[next_] = {as_grams_per_kwh(value), line};
  next_ = (next_ + 1) % kWindow;
  if (++known_ < kWindow) return;
  const std::size_t found = low_ones();
  if (found == 0) return;
  if (values_ == 0) line_ = row(kNear).line;
  values_ += static_cast<std::int64_t>(found);
}

}  // namespace lowtide::grid
