#include "account/live.h"

#include <algorithm>

#include "account/charge.h"
#include "account/embodied.h"
#include "account/sci.h"
#include "account/slots.h"

namespace lowtide::account {
namespace {

void add_times(const RunRecord& part, Live& live) {
  const std::optional<Utc> from = live.until;
  for (const Stretch& stretch : stretches(part)) {
    const Utc begin = std::max(stretch.span.begin, from.value_or(stretch.span.begin));
    const Duration length = std::max(Duration::zero(), stretch.span.end - begin);
    live.elapsed += length;
    if (stretch.state != RunState::paused && stretch.state != RunState::waiting) {
      live.active += length;
    }
    live.until = std::max(stretch.span.end, live.until.value_or(stretch.span.end));
  }
}

std::size_t counted_gpus(const RunRecord& part) {
  return static_cast<std::size_t>(
      std::count_if(part.channels.begin(), part.channels.end(), [](const ChannelInfo& channel) {
        return channel.in_total && channel.kind == ChannelKind::gpu;
      }));
}

// The newest sample of a channel; null where the record carries none.
const Sample* newest(const RunRecord& part, std::size_t channel) {
  const Sample* found = nullptr;
  for (const Sample& sample : part.samples) {
    if (sample.channel != channel || sample.span.empty()) continue;
    if (found == nullptr || sample.span.end > found->span.end) found = &sample;
  }
  return found;
}

// Charged power now: of each channel's newest sample, else of its last piece over what it covers.
std::optional<Power> last_power(const RunRecord& part, const std::vector<Charges>& charges) {
  std::optional<Power> sum;
  for (std::size_t i = 0; i < charges.size(); ++i) {
    if (!charges[i].sum.info.in_total || charges[i].pieces.empty()) continue;
    const ChargePiece& last = charges[i].pieces.back();
    Power power = last.charged() / last.covered;
    const Sample* sample = newest(part, i);
    if (sample != nullptr && last.device > Energy{}) {
      power = sample->energy / sample->span.length() * (last.charged() / last.device);
    }
    sum = sum.value_or(Power{}) + power;
  }
  return sum;
}

}  // namespace

Live live(const RunRecord& part, const Tables& tables, const Live& before) {
  Live now = before;
  add_times(part, now);
  const std::vector<Charges> charges = charge(part);
  const IntensityUsed* headline = find_signal(part, part.options.headline);
  const std::vector<SlotReport> slots = cut_slots(part, charges, headline);
  for (const SlotReport& slot : slots) {
    if (!slot.energy) continue;
    const Energy used = *slot.energy * pue_factor(part);
    now.energy = now.energy.value_or(Energy{}) + used;
    if (!slot.carbon) continue;
    now.operational = now.operational.value_or(Carbon{}) + *slot.carbon;
    now.priced += used;
  }
  if (const auto power = last_power(part, charges)) now.power = power;
  if (!slots.empty()) now.intensity = slots.back().intensity;
  const FunctionalUnit unit =
      functional_unit(part.options.per, {counted_gpus(part), now.active, &part.counts});
  now.r = unit.r;
  now.sci.reset();
  if (now.operational && unit.count) {
    const Carbon made = embodied(part, now.elapsed, tables.embodied).value.value_or(Carbon{});
    const double whole = now.priced > Energy{} ? *now.energy / now.priced : 1;
    now.sci = (*now.operational * whole + made) / *unit.count;
  }
  return now;
}

}  // namespace lowtide::account
