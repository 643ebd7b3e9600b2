// What of this machine a job started here would hold: CPUs by affinity and cgroup quota, memory by
// cgroup limit.
#pragma once

#include "series/run.h"

namespace lowtide::app {

[[nodiscard]] MachineShare machine_share();

}  // namespace lowtide::app
