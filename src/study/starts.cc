#include "study/starts.h"

#include <algorithm>
#include <cmath>

namespace lowtide::study {
namespace {

// The mean holds the sum until finish().
void add(Range& range, Carbon value) {
  range.min = range.starts == 0 ? value : std::min(range.min, value);
  range.max = range.starts == 0 ? value : std::max(range.max, value);
  range.mean += value;
  ++range.starts;
}

void finish(Range& range) {
  if (range.starts > 0) range.mean = range.mean / static_cast<double>(range.starts);
}

void shift(Range& range, Carbon more) {
  range.min += more;
  range.mean += more;
  range.max += more;
}

}  // namespace

Carbon quantile(std::vector<Carbon>& values, double share) {
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = values.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), below, values.end());
  if (below + 1 == values.end()) return *below;
  const Carbon next = *std::min_element(below + 1, values.end());
  return *below + (next - *below) * (place - std::floor(place));
}

StartFigures figures_of(std::span<const Carbon> by_start, Utc first, std::optional<Utc> now) {
  using std::chrono::days;
  StartFigures figures;
  std::vector<Carbon> known;
  known.reserve(by_start.size());
  for (std::size_t i = 0; i < by_start.size(); ++i) {
    const Carbon value = by_start[i];
    if (std::isnan(as_grams(value))) continue;
    const Utc begin = first + kSlot * static_cast<int>(i);
    if (figures.all.starts == 0 || value < figures.all.min) figures.best_begin = begin;
    const auto day = std::chrono::floor<days>(begin);
    const std::chrono::year_month_day date{day};
    known.push_back(value);
    add(figures.all, value);
    add(figures.months.at(static_cast<unsigned>(date.month()) - 1), value);
    add(figures.hours.at(static_cast<std::size_t>((begin - day) / std::chrono::hours(1))), value);
    if (now && slot_begin(*now) == begin) figures.now = value;
  }
  finish(figures.all);
  for (Range& month : figures.months) finish(month);
  for (Range& hour : figures.hours) finish(hour);
  if (known.empty()) return figures;
  figures.q1 = quantile(known, 0.25);
  figures.median = quantile(known, 0.5);
  figures.q3 = quantile(known, 0.75);
  return figures;
}

StartFigures plus(StartFigures figures, Carbon more) {
  shift(figures.all, more);
  for (Carbon* value : {&figures.q1, &figures.median, &figures.q3}) *value += more;
  if (figures.now) *figures.now += more;
  for (Range& month : figures.months) shift(month, more);
  for (Range& hour : figures.hours) shift(hour, more);
  return figures;
}

}  // namespace lowtide::study
