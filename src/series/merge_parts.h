// The parts of merge_lives.h: a slot that is cut, the use of a machine's CPUs and of a device, the
// intensity. Pure.
#pragma once

#include <vector>

#include "series/run.h"

namespace lowtide {

[[nodiscard]] constexpr double part_of(Interval part, Interval whole) {
  return as_seconds(part.length()) / as_seconds(whole.length());
}

// A slot in a part of its span: its energy as the samples (of its channel, in order) have it, else
// by time.
[[nodiscard]] ChannelSlot cut(const ChannelSlot& slot, Interval to,
                              const std::vector<Sample>& samples);

// What slots (of one channel, in order) tell of the run's own use of a device within a span.
[[nodiscard]] DeviceUse use_within(Interval span, const std::vector<ChannelSlot>& slots);

// The use of one machine as several lives recorded it. Over each stretch in which the same slots
// last, the jobs' CPU time adds up; the machine's is one figure that each of them read.
[[nodiscard]] std::vector<UseSlot> merge_use(std::vector<UseSlot> all);

// Adds the series of one life, over its time. Series that are alike in signal, scope and gas are
// one: where two lives know a time, the one that came first is kept; what differs in their origin
// is said of the whole ("FR + DE"), and of their errors the widest.
void merge_intensity(const std::vector<IntensityUsed>& more, Interval over,
                     std::vector<IntensityUsed>& into);

}  // namespace lowtide
