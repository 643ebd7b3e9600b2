// Self-check: do a run's sensors contradict each other? docs/methods.md, "Self-check".
//
// Three questions, each with the bounds of what it compares: a counter against the device's own
// power, packages and memory against the platform that holds them, a device against its power
// limit. What is off beyond them is an event of the report ("self-check"); the figures stay as they
// were measured. Pure.
#pragma once

#include <vector>

#include "series/run.h"

namespace lowtide::account {

// Fewer readings of the other path say nothing.
inline constexpr int kLeastReadings = 30;

[[nodiscard]] std::vector<Event> self_check(const RunRecord& record);

}  // namespace lowtide::account
