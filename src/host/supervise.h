// The supervisor: what the shell's child does while the job runs.
//
// It forks the meter, passes signals on, stops and goes on with the job, and hands the job's exit
// status to the shell. It holds no sensor and no ledger, so it has little that can fail. When the
// meter dies, the job becomes the supervisor's child (it is a subreaper) and a new meter is
// started; when the supervisor dies, the meter is still the job's parent. docs/adr/0007.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "base/result.h"
#include "host/inherited.h"
#include "host/job.h"

namespace lowtide::host {

// What supervisor and meter say to each other over a socket.
struct Note {
  enum class Kind : int { started, stopped, continued, ended };
  Kind kind = Kind::started;
  int value = 0;  // stopped: the signal; ended: nothing (see the Board)
};

// The meter's end.
struct MeterSeat {
  int socket = -1;         // readable: a Note from the supervisor; end of file: it is dead
  bool restarted = false;  // an earlier meter died: take the job up, do not start it
  pid_t dead_meter = 0;    // which
  void tell(Note note) const;
};

using MeterMain = std::function<int(const MeterSeat&)>;

struct Supervised {
  bool started = false;  // false: the job never ran
  int exec_errno = 0;    // why not; 0: the meter could not be started
  int status = 0;        // as a shell gives it
};

// What else the shell's child looks after while a life of the job goes on (act/seat).
struct Beside {
  bool keeps_descriptors = false;  // the job's: a further life is to have them
  // Of a child that is neither meter nor job, with its wait status: true when it was lowtide's own,
  // whose CPU time is not the job's.
  std::function<bool(pid_t, int)> child_ended = {};
  std::function<bool(pid_t)> is_own = {};  // such a child, while it lives
  // Where a freezer of ours notes what it stops (host/freeze_note.h); empty: there is none. Such a
  // stop is not passed on to the shell, nor is a CONT to the job while it lasts: it would wake the
  // job against its plan. For the same reason a ^Z of a frozen job does nothing: to take the shell
  // back the user would have to continue the job's whole group.
  std::string freeze_note = {};
};

// For a meter whose job may be stopped by signals, before it starts it: into the group of the
// supervisor and the job where nothing else ties that to the session (a script, a service, cron, a
// run of --detach). Then nothing ever does, and the kernel hangs up on the job for nobody's death.
// Below a shell with job control the meter stays in its own group, and a waker ties the job's.
void join_untied_group(pid_t supervisor);

// Runs `meter` in a child of its own process group until the job has ended. Blocks.
[[nodiscard]] Supervised supervise(const Inherited& inherited, Board& board, const MeterMain& meter,
                                   const Beside& beside = {});

}  // namespace lowtide::host
