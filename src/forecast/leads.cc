#include "forecast/leads.h"

#include <algorithm>

namespace lowtide::forecast {

using std::chrono::hours;

std::vector<LeadGroup> lead_groups(Duration step, std::size_t slots) {
  const auto per_hour = std::max<std::size_t>(1, static_cast<std::size_t>(hours(1) / step));
  std::vector<LeadGroup> groups;
  for (std::size_t begin = 0; begin < slots;) {
    std::size_t end = begin + per_hour;
    if (begin < per_hour) end = std::min(per_hour, std::max<std::size_t>(1, begin * 2));
    end = std::min(std::max(end, begin + 1), slots);
    groups.push_back({begin, end});
    begin = end;
  }
  return groups;
}

std::size_t stride_of(Duration step) {
  const auto per_hour = static_cast<std::size_t>(hours(1) / step);
  return per_hour > 1 ? per_hour + 1 : 1;
}

std::size_t lead_of(const LeadGroup& group, std::size_t k) {
  constexpr std::size_t kApart = 7;  // has no divisor in common with 12, 6, 4 or 2
  return group.begin + k * kApart % group.size();
}

}  // namespace lowtide::forecast
