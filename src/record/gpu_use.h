// Which GPUs a run is charged: those on which its processes held a context at any time (contract
// section 3); all of them where the driver could not tell. One thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sense/meter.h"
#include "series/run.h"

namespace lowtide::record {

class GpuUse {
 public:
  // True when the process is one of the run's.
  using Ours = std::function<bool(pid_t)>;

  void note(const sense::Holders& seen, const Ours& ours);
  // Looks again at what the driver told last: who is ours may have changed.
  void look_again(const Ours& ours);
  // For the run that follows this one: nobody was seen yet, the driver told the same.
  [[nodiscard]] GpuUse next() const;
  // Writes into each GPU channel whether it counts, and why; the numbers of those channels.
  [[nodiscard]] std::vector<std::size_t> settle(std::vector<ChannelInfo>& channels) const;

 private:
  void look(std::size_t channel, const Ours& ours);

  // Per channel: true when the run was seen on it, false when only others were; absent while the
  // driver could not tell.
  std::map<std::size_t, bool> held_;
  std::map<std::size_t, std::optional<std::vector<int>>> holders_;  // as told last
  std::set<std::size_t> cannot_tell_;
};

}  // namespace lowtide::record
