#include "grid/kept_facts.h"

#include <algorithm>
#include <map>

namespace lowtide::grid {
namespace {

Duration usual_step(std::span<const KeptPoint> points) {
  std::map<Duration, std::int64_t> counts;
  for (const KeptPoint& point : points) ++counts[point.span.length()];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

}  // namespace

KeptFacts facts_of(std::span<const KeptPoint> points) {
  KeptFacts facts;
  if (points.empty()) return facts;
  facts.values = static_cast<std::int64_t>(points.size());
  facts.step = usual_step(points);
  facts.span = {points.front().span.begin, points.back().span.end};
  double weighted = 0;
  std::int64_t constant = 0;
  std::vector<Interval> spans;
  spans.reserve(points.size());
  const KeptPoint* before = nullptr;
  for (const KeptPoint& point : points) {
    facts.estimated += point.kind == IntensityKind::estimated ? 1 : 0;
    facts.forecast += point.kind == IntensityKind::forecast ? 1 : 0;
    facts.covered += point.span.length();
    facts.lowest = std::min(facts.lowest.value_or(point.value), point.value);
    facts.highest = std::max(facts.highest.value_or(point.value), point.value);
    weighted += as_grams_per_kwh(point.value) * as_seconds(point.span.length());
    constant = before != nullptr && before->value == point.value ? constant + 1 : 1;
    facts.longest_constant = std::max(facts.longest_constant, constant);
    spans.push_back(point.span);
    before = &point;
  }
  facts.mean = grams_per_kwh(weighted / as_seconds(facts.covered));
  facts.gaps = rest_of(facts.span, united(std::move(spans)));
  for (const Interval& gap : facts.gaps) {
    facts.steps_lost += std::max<std::int64_t>(1, (gap.length() + facts.step / 2) / facts.step);
  }
  return facts;
}

}  // namespace lowtide::grid
