// The guard: a parent that starts its child again when it was killed, and else does nothing.
//
// For a program that watches and starts no job (host/supervise is for one that does). The child
// lives in a process group of its own, so that ^C and ^Z reach only the guard: INT and TERM are
// passed on as TERM, HUP is ignored (whoever logs out leaves the watch running), a stop stops the
// guard alone. A killed guard leaves its child running.
#pragma once

#include <sys/types.h>

#include <functional>

namespace lowtide::host {

struct GuardSeat {
  pid_t guard = 0;
  bool restarted = false;  // an earlier child was killed
};

// Runs `main` in a child until it exits by itself; its exit status. 70 when no child can be had, or
// when it keeps dying at once.
[[nodiscard]] int guard(const std::function<int(const GuardSeat&)>& main);

}  // namespace lowtide::host
