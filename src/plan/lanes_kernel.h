// The exact sweep for several starts at once, a start in each lane of a vector. For sweep_exact.cc.
//
// F[j][u], the least cost with j work slots done and u slots of slack used, is
//   min(F[j][u-1], F[j-1][u] + work[j-1] * c[j-1+u]),
// and with a charge R (running) and I (not) likewise. Time runs in the inner loop and a strip of
// work slots stays in registers; F of the strip's last work slot goes on to the next strip through
// `border`. Nothing is masked: what has used more slack than asked for cannot come back to less.
#pragma once

#include <cstddef>
#include <span>

namespace lowtide::plan {

// Starts in a vector of the target in use.
[[nodiscard]] std::size_t starts_in_lanes();

inline constexpr std::size_t kLongestStrip = 12;

struct LaneSweep {
  const float* intensity;  // lane l in slot x of its window: intensity[x * stride + l], g/kWh
  std::size_t stride;
  std::span<const float> work;  // kWh
  std::size_t slack;
  float resume;  // kWh, charged in the slot in which work goes on; at least 0
  // (slack + kLongestStrip + 1) * lanes values, aligned to 64 bytes. After: the grams of slack u in
  // lane l are border[u * lanes + l].
  float* border;
};
// Reads intensity up to slot work + slack, one behind the window.
void sweep_lanes(const LaneSweep& sweep);

}  // namespace lowtide::plan
