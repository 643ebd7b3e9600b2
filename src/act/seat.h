// The seat: what the shell's child does for a run that a plan moves (docs/adr/0021).
//
// Starts lives of the job when the controller says so, each under host/supervise, and between them
// waits; starts the controller, and again when it dies; hands the last life's exit status to the
// shell. It holds no plan and no ledger, so it has little that can fail: without a controller the
// job runs, unmoved; but one that takes a run up starts nothing by itself: its job may live, or lie
// in its save. ^C and TERM while no life is there ask the controller to cancel; HUP leaves
// the run as it is on disk. Blocks; one thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "host/inherited.h"
#include "host/job.h"
#include "host/supervise.h"

namespace lowtide::act {

// What seat, controller and meter say to each other over a socket.
struct SeatNote {
  // To the seat: start (a life), over (all is said; `value` is the exit status). From it, or for
  // `started` from the meter: started (`value` its pid), failed (not started: the shell's status),
  // left (the life's supervisor is done), cancel (a signal that ends the run: its number).
  enum class Kind : int { start, over, started, failed, left, cancel };
  Kind kind = Kind::start;
  int life = 0;
  int value = 0;
};
// False: the other end is gone.
bool send_note(int socket, const SeatNote& note);

struct SeatSetup {
  const host::Inherited& inherited;
  host::Board& board;
  std::string run;        // id of the record, for what is said
  bool taken_up = false;  // by a later command: another seat may have begun it
  // In a child, with its end of the socket: until the run is over. 0: it is, or lies on disk for a
  // later command.
  std::function<int(int socket, bool restarted)> controller;
  // One life, started now; the meter sends `started` to `socket`.
  std::function<host::Supervised(int life, int socket, const host::Beside& beside)> live;
  // No controller can be had any more: the job runs, or starts now, unmoved; and later its status.
  std::function<void()> given_up = {};
  std::function<void(int status)> over = {};
};

// The exit status of the run.
[[nodiscard]] int sit(const SeatSetup& setup);

}  // namespace lowtide::act
