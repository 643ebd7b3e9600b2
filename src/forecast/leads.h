// How far ahead: slots to come in groups that share coefficients and errors.
//
// Within the first hour a group doubles (slots 0, 1, 2-3, 4-7, .. of the step), after it each hour
// is one: what is known now fades fast at first. Of an hourly series each slot is a group.
#pragma once

#include <cstddef>
#include <vector>

#include "base/time.h"

namespace lowtide::forecast {

struct LeadGroup {
  std::size_t begin = 0;  // slots ahead, the first to come is 0
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

// Cover 0 .. slots - 1.
[[nodiscard]] std::vector<LeadGroup> lead_groups(Duration step, std::size_t slots);

// How many slots apart are the moments from which a model learns: an hour and a slot, so that all
// minutes come up; of an hourly series an hour.
[[nodiscard]] std::size_t stride_of(Duration step);

// The k-th moment learns a group by this one of its slots: all of them come up in turn.
[[nodiscard]] std::size_t lead_of(const LeadGroup& group, std::size_t k);

}  // namespace lowtide::forecast
