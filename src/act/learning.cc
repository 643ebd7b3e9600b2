#include "act/learning.h"

#include <algorithm>

namespace lowtide::act {
namespace {

constexpr std::size_t kNewest = 20;
constexpr std::size_t kShareOf = 5;  // 80 % is 4 of 5
constexpr std::size_t kShare = 4;

Duration scaled(Duration length, double share) { return seconds(as_seconds(length) * share); }

// None where one of them was not seen, or the clock was set back between them.
std::optional<Duration> between(const std::optional<Utc>& from, const std::optional<Utc>& to) {
  if (!from || !to || *to < *from) return std::nullopt;
  return *to - *from;
}

// When the next life came to `reached`, on a straight line between what it said before and after.
// One that was beyond it at its first word has worked before that, as long as such a share takes.
std::optional<Utc> when_reached(double reached, const std::vector<Said>& after,
                                std::optional<Duration> length) {
  const auto beyond = std::find_if(after.begin(), after.end(),
                                   [&](const Said& said) { return said.done > reached; });
  if (beyond == after.end()) return std::nullopt;
  if (beyond == after.begin()) {
    return beyond->at - scaled(length.value_or(Duration{}), beyond->done - reached);
  }
  const Said& last = *(beyond - 1);
  return last.at + scaled(beyond->at - last.at, (reached - last.done) / (beyond->done - last.done));
}

template <typename T>
std::optional<Estimate<T>> high_value(std::span<const record::Learnt> past,
                                      std::optional<T> record::Learnt::* what) {
  std::vector<T> seen;
  for (const record::Learnt& one : past) {
    if (one.*what) seen.push_back(*(one.*what));
  }
  if (seen.empty()) return std::nullopt;
  const std::size_t rank = (seen.size() * kShare + kShareOf - 1) / kShareOf;
  const auto at = seen.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(seen.begin(), at, seen.end());
  return Estimate<T>{*at, seen.size()};
}

}  // namespace

PauseCost cost_of_pause(const PauseSeen& seen) {
  PauseCost cost{between(seen.signal, seen.exit), {}, {}};
  std::vector<Said> after = seen.after;
  std::erase_if(after, [&](const Said& said) { return !seen.start || said.at < *seen.start; });
  if (seen.before.empty() || after.empty()) return cost;
  const double reached = seen.before.back().done;
  if (const auto at = when_reached(reached, after, seen.length)) {
    cost.resume_takes = between(seen.start, std::max(*at, *seen.start));
  }
  const double lost = reached - after.front().done;
  if (seen.length && lost >= 0) cost.redone = scaled(*seen.length, lost);
  if (cost.redone && cost.resume_takes) cost.redone = std::min(*cost.redone, *cost.resume_takes);
  return cost;
}

Expected expected(std::span<const record::Learnt> past) {
  past = past.first(std::min(past.size(), kNewest));
  return {high_value(past, &record::Learnt::save_takes),
          high_value(past, &record::Learnt::resume_takes),
          high_value(past, &record::Learnt::resume_energy)};
}

plan::Charges charged(plan::Charges charges, const Expected& next, Power mean) {
  if (next.save_takes) charges.pause = mean * next.save_takes->value;
  if (!next.resume_takes) return charges;
  const Duration takes = next.resume_takes->value;
  const Energy energy = next.resume_energy ? next.resume_energy->value : mean * takes;
  charges.restore_slots = static_cast<std::size_t>((takes + kSlot / 2) / kSlot);
  const bool in_slots = charges.restore_slots > 0;
  charges.resume = in_slots ? Energy{} : energy;
  charges.restore_power =
      in_slots ? energy / (kSlot * static_cast<Duration::rep>(charges.restore_slots)) : Power{};
  return charges;
}

}  // namespace lowtide::act
