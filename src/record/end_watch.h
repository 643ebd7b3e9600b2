// Stamps the end of a process the moment it happens, whatever the collector is doing just then.
//
// A thread waits on a pidfd, which works for any process, child or not; the stamp is boot time.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <optional>

#include "base/time.h"

namespace lowtide::record {

class EndWatch {
 public:
  // `wake_fd`, an eventfd, is written to when the process has ended. Must stay open.
  EndWatch(pid_t pid, int wake_fd);
  [[nodiscard]] std::optional<BootTime> ended() const;

 private:
  std::shared_ptr<std::atomic<std::int64_t>> end_ns_;  // 0: not yet
};

}  // namespace lowtide::record
