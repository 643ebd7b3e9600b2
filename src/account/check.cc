#include "account/check.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace lowtide::account {
namespace {

constexpr double kHalfWidth = 1.96;  // of a normal distribution, 95 %
// A shorter time says little of a limit that a device may exceed for a moment.
constexpr Duration kLeastHeld = std::chrono::seconds(10);

double squared(Energy width) { return as_joules(width) * as_joules(width); }

// Half-width of one error term over a stretch.
Energy width_of(const ErrorTerm& term, Energy energy, Duration length) {
  return energy * std::max(term.low_rel, term.high_rel) +
         std::max(term.low_power, term.high_power) * length +
         std::max(term.low_once, term.high_once);
}

// Sum of squares of all terms of one sensor path.
double squares_of(const ChannelInfo& channel, Energy energy, Duration length) {
  double sum = 0;
  for (const ErrorTerm& term : channel.errors) sum += squared(width_of(term, energy, length));
  return sum;
}

class Checker {
 public:
  explicit Checker(const RunRecord& record) : record_(record) {}

  std::vector<Event> take() {
    for (std::size_t i = 0; i < record_.channels.size(); ++i) {
      check_second_path(i);
      check_limit(i);
      if (record_.channels[i].kind == ChannelKind::psys) check_platform(i);
    }
    return std::move(events_);
  }

 private:
  void say(Utc time, std::string detail) {
    events_.push_back({time, "self-check", std::move(detail)});
  }

  // Both paths of one device have the errors of its class, each its own.
  void check_second_path(std::size_t number) {
    SecondPath sum;
    Utc last{};
    for (const ChannelSlot& slot : record_.slots) {
      if (slot.channel != number || !slot.check) continue;
      sum.other += slot.check->other;
      sum.own += slot.check->own;
      sum.length += slot.check->length;
      sum.swing = std::max(sum.swing, slot.check->swing);
      sum.readings += slot.check->readings;
      last = slot.span.end;
    }
    if (sum.readings < kLeastReadings) return;
    const ChannelInfo& channel = record_.channels[number];
    const Energy alias = sum.swing * sum.length * (kHalfWidth / 2 / std::sqrt(sum.readings));
    // The ends of the first and last reading: what they stand for lies up to a second beside.
    const Energy ends = channel.limit.value_or(sum.own / sum.length) * std::chrono::seconds(1);
    const Energy bound = joules(
        std::sqrt(2 * squares_of(channel, sum.own, sum.length) + squared(alias) + squared(ends)));
    const Energy apart = sum.other - sum.own;
    if (std::max(apart, -apart) <= bound) return;
    say(last,
        fmt::format("{}: its power adds up to {:+.1f} % of its energy counter, over {} "
                    "readings; at most {:.1f} % is within both sensors' bounds",
                    channel.id, 100 * (apart / sum.own), sum.readings, 100 * (bound / sum.own)));
  }

  void check_limit(std::size_t number) {
    const ChannelInfo& channel = record_.channels[number];
    if (!channel.limit) return;
    const ChannelSlot* worst = nullptr;
    for (const ChannelSlot& slot : record_.slots) {
      if (slot.channel != number || slot.covered < kLeastHeld) continue;
      const Energy most = *channel.limit * slot.covered;
      const Energy bound = joules(std::sqrt(squares_of(channel, most, slot.covered)));
      if (slot.device <= most + bound) continue;
      const bool worse = worst == nullptr || slot.device / slot.covered > mean_of(*worst);
      if (worse) worst = &slot;
    }
    if (worst == nullptr) return;
    say(worst->span.end,
        fmt::format("{}: {:.4g} W on average in a slot, above its power limit of {:.4g} W beyond "
                    "the sensor's bounds",
                    channel.id, as_watts(mean_of(*worst)), as_watts(*channel.limit)));
  }

  static Power mean_of(const ChannelSlot& slot) { return slot.device / slot.covered; }

  [[nodiscard]] bool is_inside(std::size_t number) const {
    const ChannelInfo& channel = record_.channels[number];
    return channel.source == Source::rapl &&
           (channel.kind == ChannelKind::cpu || channel.kind == ChannelKind::dram);
  }

  [[nodiscard]] std::size_t count_inside() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < record_.channels.size(); ++i) count += is_inside(i) ? 1 : 0;
    return count;
  }

  // What a platform and all that it holds used over the pieces in which each of them was read.
  struct Platform {
    std::map<std::size_t, Energy> energy;  // by channel
    Duration length{};
    Utc last{};
  };
  [[nodiscard]] Platform read_alike(std::size_t platform) const {
    std::map<Utc, std::vector<const ChannelSlot*>> pieces;
    for (const ChannelSlot& slot : record_.slots) {
      const bool wanted = slot.channel == platform || is_inside(slot.channel);
      if (wanted && slot.quality == Quality::measured) pieces[slot.span.begin].push_back(&slot);
    }
    const std::size_t members = 1 + count_inside();
    Platform used;
    for (const auto& [begin, slots] : pieces) {
      if (members < 2 || slots.size() != members) continue;
      for (const ChannelSlot* slot : slots) used.energy[slot->channel] += slot->device;
      used.length += slots.front()->covered;
      used.last = slots.front()->span.end;
    }
    return used;
  }

  void check_platform(std::size_t platform) {
    Platform used = read_alike(platform);
    if (used.length < kLeastHeld) return;
    const ChannelInfo& channel = record_.channels[platform];
    const Energy whole = used.energy[platform];
    Energy sum;
    Energy sum_bound;  // like sensors err alike
    for (const auto& [number, energy] : used.energy) {
      if (number == platform) continue;
      sum += energy;
      sum_bound += joules(std::sqrt(squares_of(record_.channels[number], energy, used.length)));
    }
    const double squares = squares_of(channel, whole, used.length) + squared(sum_bound);
    if (sum <= whole + joules(std::sqrt(squares))) return;
    say(used.last,
        fmt::format("{}: {:.4g} W for the whole platform, less than its packages and "
                    "memory together, {:.4g} W, beyond the sensors' bounds",
                    channel.id, as_watts(whole / used.length), as_watts(sum / used.length)));
  }

  const RunRecord& record_;
  std::vector<Event> events_;
};

}  // namespace

std::vector<Event> self_check(const RunRecord& record) { return Checker(record).take(); }

}  // namespace lowtide::account
