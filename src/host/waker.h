// The waker: a process that holds nothing but a way to thaw, beside the controller of a frozen job
// (docs/adr/0020).
//
// Armed before the freeze and let go after the thaw. It thaws by the note (host/freeze_note.h) as
// soon as the controller has ended, when its time on the boot clock has come (steps of the system's
// clock change nothing, suspend counts), or when the Waker is dropped without being let go; it says
// so in the note and ends. It belongs to nobody, has none of our descriptors, and no signal but
// KILL and STOP reaches it. One thread may use a Waker at a time; a forked child must not.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "host/proc.h"
#include "host/unique_fd.h"

namespace lowtide::host {

struct WakerSetup {
  std::string note;      // a note that was begun
  BootTime latest{};     // it thaws then, whatever else
  pid_t controller = 0;  // on whose end it thaws; 0: who arms it
  // Process groups of our session that only processes of ours tie to it: should those die, the
  // kernel would hang up on a stopped group. The waker puts a child into each that keeps the tie,
  // and stays in our session, in a group of its own; with none it has a session of its own.
  std::vector<pid_t> groups = {};
};

class Waker {
 public:
  Waker(Waker&&) noexcept = default;
  Waker& operator=(Waker&&) noexcept = default;
  ~Waker() = default;

  [[nodiscard]] pid_t pid() const { return process_.pid; }
  // Readable (poll) once it has ended: then arm another or thaw, before anything else.
  [[nodiscard]] int ended_fd() const { return ended_.get(); }
  [[nodiscard]] bool alive() const;
  // Another time to thaw at. Errors: ended (it does not answer: it has died, or thaws just now).
  [[nodiscard]] Result<void> extend(BootTime latest);
  // After the thaw: it ends and thaws nothing. Waits for that.
  void let_go();

 private:
  friend Result<Waker> arm(const WakerSetup& setup);
  Waker() = default;
  ProcessKey process_;
  UniqueFd socket_;
  UniqueFd ended_;
};

// Returns when the waker is at its post. Errors: temporary (no process or descriptor could be had),
// those of the note.
[[nodiscard]] Result<Waker> arm(const WakerSetup& setup);

}  // namespace lowtide::host
