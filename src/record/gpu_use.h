// Who used the GPUs: which of them a run is charged, and how others shared them.
//
// Charged are those on which the run's processes held a context at any time (contract section 3);
// all of them where the driver could not tell. How a device was shared goes to the slots
// (DeviceUse); account decides what it means. One thread, the collector's.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "host/clock.h"
#include "record/buckets.h"
#include "record/doors.h"
#include "series/run.h"

namespace lowtide::record {

class GpuUse {
 public:
  // True when the process is one of the run's. Asked once for each that holds a context, while it
  // does: when the job has ended nobody can tell any more.
  using Ours = std::function<bool(pid_t)>;

  // What came of contexts; the time until then goes to `into`.
  void note(const std::vector<sense::Holders>& all, const Ours& ours, const host::UtcAnchor& anchor,
            Buckets& into);
  // What came of utilisation, and the time up to the newest reading. What was told after the run's
  // `end` leaves out the run's own processes, and is dropped.
  void count(const std::vector<sense::Busy>& all, const host::UtcAnchor& anchor,
             std::optional<Utc> end, Buckets& into);
  // Looks again at what the driver told last: who is ours may have changed.
  void look_again(const Ours& ours);
  // For the run that follows this one from `begin` on: nobody was seen yet, the driver told the
  // same.
  [[nodiscard]] GpuUse next(Utc begin) const;
  // Writes into each GPU channel whether it counts, and why; the numbers of those channels.
  [[nodiscard]] std::vector<std::size_t> settle(std::vector<ChannelInfo>& channels) const;

 private:
  struct Device {
    std::optional<std::vector<sense::Holder>> told;  // last
    Utc counted_until{};
    bool answered = false;  // the driver told at least once
    bool held = false;      // the run was seen on it
    bool cannot_tell = false;
    // Of `told`.
    int ours = 0;
    int others = 0;
    double part = 0;  // that the run's MIG instances are of the device
  };
  void look(Device& device, const Ours& ours);
  static void count(std::size_t channel, Device& device, Utc until, Buckets& into);

  std::map<std::size_t, Device> devices_;  // by channel
  std::map<pid_t, bool> is_ours_;          // those that the driver named
};

}  // namespace lowtide::record
