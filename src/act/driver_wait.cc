#include "act/driver_wait.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <limits>

namespace lowtide::act {
namespace {

timespec as_timespec(Duration length) {
  using std::chrono::seconds;
  const auto whole = std::chrono::floor<seconds>(length);
  return {static_cast<time_t>(whole.count()), static_cast<long>((length - whole).count())};
}

// Of a clock that stands while the machine sleeps.
Duration awake_now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

}  // namespace

DriverClock::DriverClock(double scale)
    : scale_(scale), origin_(clock_.boot()), awake_origin_(awake_now()) {}

Duration DriverClock::scaled(Duration real) const { return host::scaled(real, scale_); }

Duration DriverClock::real(Duration scaled) const { return host::unscaled(scaled, scale_); }

Moment DriverClock::now() const {
  return {clock_.utc(), origin_ + scaled(clock_.boot() - origin_),
          awake_origin_ + scaled(awake_now() - awake_origin_)};
}

Utc DriverClock::utc_at(BootTime real) const { return host::UtcAnchor::take(clock_).at(real); }

Waits::Waits() : timer_(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {
  watch_steps();
}

void Waits::watch_steps() {
  steps_.reset(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  itimerspec never{};
  never.it_value.tv_sec = std::numeric_limits<int>::max();
  timerfd_settime(steps_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
}

void Waits::job(pid_t pid) {
  job_.reset(pid > 0 ? static_cast<int>(syscall(SYS_pidfd_open, pid, 0)) : -1);
  gone_ = pid > 0 && !job_;
}

Woken Waits::wait(const Wakes& wakes) {
  itimerspec until{};
  until.it_value = as_timespec(std::max(wakes.until.time_since_epoch(), Duration(1)));
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &until, nullptr);
  std::array<pollfd, 7> wanted{{{wakes.waker, POLLIN, 0},
                                {job_.get(), POLLIN, 0},
                                {wakes.seat, POLLIN, 0},
                                {wakes.ask, POLLIN, 0},
                                {timer_.get(), POLLIN, 0},
                                {steps_.get(), POLLIN, 0},
                                {wakes.plan, POLLIN, 0}}};
  poll(wanted.data(), wanted.size(), gone_ ? 0 : -1);
  const auto rang = [&](std::size_t i) { return wanted[i].revents != 0; };
  if (rang(5)) watch_steps();
  return {rang(0), rang(1) || gone_, rang(2), rang(3), rang(4) || rang(5)};
}

void sleep_for(Duration length) {
  const timespec time = as_timespec(length);
  nanosleep(&time, nullptr);
}

NoteRead read_note(int seat, SeatNote& note) {
  const ssize_t got = recv(seat, &note, sizeof note, MSG_DONTWAIT);
  if (got == ssize_t{sizeof note}) return NoteRead::got;
  const bool none = got < 0 && (errno == EAGAIN || errno == EINTR);
  return none ? NoteRead::none : NoteRead::gone;
}

std::optional<SeatNote> start_life(int seat, int life) {
  if (seat < 0 || !send_note(seat, {SeatNote::Kind::start, life, 0})) return std::nullopt;
  while (true) {
    SeatNote note;
    const ssize_t got = recv(seat, &note, sizeof note, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got != ssize_t{sizeof note}) return std::nullopt;
    const bool answers =
        note.kind == SeatNote::Kind::started || note.kind == SeatNote::Kind::failed;
    if (answers && note.life == life) return note;
  }
}

}  // namespace lowtide::act
