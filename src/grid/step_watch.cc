#include "grid/step_watch.h"

#include <algorithm>

namespace lowtide::grid {
namespace {

// So many equal distances in a row are a new step and not a hole that happens to repeat.
constexpr int kNewStepRows = 3;

}  // namespace

void StepWatch::add(Utc time, std::int64_t line) {
  if (!last_) {
    last_ = time;
    return;
  }
  const Duration distance = time - *last_;
  last_ = time;
  if (distance == candidate_) {
    ++run_;
  } else {
    run_ = 1;
    candidate_ = distance;
    candidate_line_ = line;
  }
  if (const auto known = counts_.find(distance); known != counts_.end()) {
    ++known->second;
  } else if (counts_.size() < kDistances) {
    counts_.emplace(distance, 1);
  }
  if (run_ < kNewStepRows || candidate_ == current_) return;
  if (current_ != Duration::zero() && changes_.size() < kChanges) {
    changes_.push_back({candidate_line_, current_, candidate_});
  }
  current_ = candidate_;
}

std::optional<Duration> StepWatch::usual() const {
  const auto best =
      std::max_element(counts_.begin(), counts_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (best == counts_.end()) return std::nullopt;
  return best->first;
}

std::int64_t StepWatch::wider_than(Duration step) const {
  std::int64_t holes = 0;
  for (auto at = counts_.upper_bound(step); at != counts_.end(); ++at) holes += at->second;
  return holes;
}

std::int64_t StepWatch::lost(Duration step) const {
  std::int64_t steps = 0;
  for (auto at = counts_.upper_bound(step); at != counts_.end(); ++at) {
    const Duration hole = at->first - step;
    steps += at->second * std::max<std::int64_t>(1, (hole + step / 2) / step);
  }
  return steps;
}

}  // namespace lowtide::grid
