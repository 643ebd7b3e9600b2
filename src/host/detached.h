// A program that belongs to nobody: no child of ours, in a session of its own, with none of our
// descriptors.
//
// Two forks, so that it is the init's (or the subreaper's above us) from the start and neither
// waits for nor counts as anything that we start. To be called while there is one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/units.h"

namespace lowtide::host {

struct Detached {
  std::vector<std::string> argv;
  int keep = -1;  // a descriptor that it gets as number 3; -1: none
  int nice = 0;   // added to its priority
  // It begins after so long, and not at all when this process, which must be the caller, has ended
  // by then: until it begins it costs a fork.
  Duration delay{};
};

// False: no process could be made. What exec says nobody hears.
bool start_detached(const Detached& program);
// The same for a deed of ours, after which the process ends.
bool run_detached(const std::function<void()>& deed);

}  // namespace lowtide::host
