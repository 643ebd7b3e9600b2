// The collector's wait: for a reader's bell or another descriptor, until a time.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/time.h"
#include "host/clock.h"

namespace lowtide::record {

// `wanted` begins with the bell, an eventfd, which is reset; what else woke us is in its revents.
inline void wait_for_wake(std::span<pollfd> wanted, BootTime until, const host::Clock& clock) {
  const Duration left = std::max(until - clock.boot(), Duration::zero());
  const timespec limit{static_cast<time_t>(left / std::chrono::seconds(1)),
                       static_cast<long>((left % std::chrono::seconds(1)).count())};
  ppoll(wanted.data(), wanted.size(), &limit, nullptr);
  std::uint64_t count = 0;
  if (wanted[0].revents != 0) static_cast<void>(read(wanted[0].fd, &count, sizeof count));
}

// Collects what comes until all of it is there or the time is over. `done` may come true, with its
// answer, between a look and the question: so there is one more look.
template <typename Collect, typename Done, typename Wait>
void collect_until_done(Collect collect, Done done, Wait wait) {
  collect();
  while (!done() && wait()) collect();
  collect();
}

}  // namespace lowtide::record
