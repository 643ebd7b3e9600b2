// The driver's clock and its wait. Private to driver.cc.
#pragma once

#include <optional>

#include "act/judge.h"
#include "act/seat.h"
#include "host/clock.h"
#include "host/unique_fd.h"

namespace lowtide::act {

// The controller's three clocks, all of them `scale` times as fast as the real boot clock.
class DriverClock {
 public:
  explicit DriverClock(double scale);
  [[nodiscard]] Moment now() const;
  [[nodiscard]] Utc utc() const { return clock_.utc(); }
  [[nodiscard]] BootTime boot() const { return clock_.boot(); }  // real
  [[nodiscard]] Utc utc_at(BootTime real) const;
  // From the controller's clocks to real ones.
  [[nodiscard]] Duration real(Duration scaled) const;
  [[nodiscard]] BootTime real(BootTime scaled) const { return origin_ + real(scaled - origin_); }

 private:
  [[nodiscard]] Duration scaled(Duration real) const;
  host::SystemClock clock_;
  double scale_ = 1;
  BootTime origin_;
  Duration awake_origin_;
};

struct Wakes {
  int waker = -1;
  int seat = -1;
  int ask = -1;
  int plan = -1;
  BootTime until{};
};

struct Woken {
  bool waker = false;
  bool job = false;
  bool seat = false;
  bool asked = false;
  bool time = false;  // it is over, the machine slept, or the wall clock was stepped
};

class Waits {
 public:
  Waits();
  // The process whose end is waited for too; 0: none.
  void job(pid_t pid);
  [[nodiscard]] Woken wait(const Wakes& wakes);

 private:
  void watch_steps();
  host::UniqueFd timer_;  // of the boot clock: it rings at once after a sleep
  host::UniqueFd steps_;  // of the wall clock: it rings when that is set
  host::UniqueFd job_;
  bool gone_ = false;  // it had ended, and was reaped, before it could be watched
};

void sleep_for(Duration length);

enum class NoteRead { none, got, gone };
NoteRead read_note(int seat, SeatNote& note);
// Asks the seat for a life and waits for what comes of it; absent: there is no seat any more.
[[nodiscard]] std::optional<SeatNote> start_life(int seat, int life);

}  // namespace lowtide::act
