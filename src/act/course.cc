#include "act/course.h"

#include <algorithm>
#include <cmath>

namespace lowtide::act {
namespace {

// A waker whose time is this near to the right one is left as it is: clocks are slewed.
constexpr Duration kNear = std::chrono::minutes(1);
// Below, a share says little of the length: starting up (imports, data, compiling) still weighs as
// much as the work, and a length that comes out too long makes the job run on for good.
constexpr double kLeastProgress = 0.05;
// A length that changed by less than one part of these waits for the next record.
constexpr int kWorthARecord = 20;

Duration length_of(Duration work, double share) {
  return Duration(std::llround(static_cast<double>(work.count()) / share));
}

bool has_waker(const ActState& state) {
  return state.waker == Waker::armed || state.waker == Waker::rearming;
}

}  // namespace

void Course::say(Notice notice) {
  const std::uint32_t bit = 1U << static_cast<unsigned>(notice);
  if ((s.said & bit) != 0) return;
  s.said |= bit;
  command(commands::Say{notice});
}

void Course::disarm() {
  if (s.waker == Waker::none) return;
  s.waker = Waker::none;
  command(commands::Disarm{});
}

// What a job does between the signal and its exit is not known: it counts as no work.
void Course::count_work() {
  const Duration past = now_.awake - s.counted_to;
  s.counted_to = now_.awake;
  if (past <= Duration::zero() || s.body != Body::runs) return;
  s.life += past;
  if (s.life >= s.terms.fails_early) s.failed_resumes = 0;
  if (s.awaits != Awaits::exit) work(past);
}

void Course::work(Duration past) {
  const Duration restoring = std::min(past, s.restoring);
  s.restoring -= restoring;
  s.worked += past - restoring;
}

void Course::progress(double done) {
  if (!(done >= kLeastProgress && done <= 1)) return;
  if (std::exchange(s.adrift, false)) {
    s.word_then = done;
    s.worked_then = s.worked;
    return set_length(std::nullopt);  // it runs on until its pace is known
  }
  if (s.word_then) return take_pace(done);
  if (s.worked > Duration::zero()) set_length(length_of(s.worked, done));
}

void Course::set_length(std::optional<Duration> length) {
  const bool both = s.length && length;
  if (both ? std::chrono::abs(*length - *s.length) >= *s.length / kWorthARecord
           : s.length != length) {
    note(Change::learnt);
  }
  s.length = length;
}

// From two words of the job and the work between them.
void Course::take_pace(double done) {
  const double more = done - *s.word_then;
  if (more < kLeastProgress || s.worked <= s.worked_then) return;
  const Duration length = length_of(s.worked - s.worked_then, more);
  s.word_then.reset();
  s.worked = Duration(std::llround(static_cast<double>(length.count()) * done));
  set_length(length);
}

void Course::lose_life() {
  s.worked = s.saved;
  s.adrift = true;
  s.word_then.reset();
}

void Course::begin(Phase phase, Change change) {
  s.phase = phase;
  s.awaits = Awaits::write;
  note(change);
}

void Course::go_on() {
  const bool frozen = s.body == Body::frozen;
  switch (s.phase) {
    case Phase::starting:
    case Phase::resuming:
      s.awaits = frozen ? Awaits::thaw : Awaits::start;
      return command(frozen ? Command(commands::Thaw{}) : Command(commands::Start{}));
    case Phase::pausing:
      if (!should_pause(s, now_)) return run(Change::runs_on);
      if (s.terms.manner == Manner::checkpoint) {
        s.awaits = Awaits::signal;
        return command(commands::Signal{});
      }
      s.awaits = Awaits::arm;
      return keep_waker();
    case Phase::ending:
      s.awaits = Awaits::nothing;
      if (frozen) command(commands::Thaw{});
      s.body = Body::runs;
      command(commands::End{});
      return disarm();
    default:
      s.awaits = Awaits::nothing;
  }
}

// Waking and ending do not wait for the disk; a start does, or a kill now would start it twice.
void Course::not_recorded() {
  say(Notice::not_recorded);
  if (s.phase == Phase::pausing) return run_on(Notice::not_recorded);
  if (s.phase == Phase::ending || s.body == Body::frozen || must_run()) return go_on();
  s.phase = s.phase == Phase::starting ? Phase::waiting : Phase::paused;
  s.awaits = Awaits::nothing;
  try_later();
}

// A job is worth more than its record: the user has asked for it, or its deadline does.
bool Course::must_run() const {
  const auto latest = latest_of(s);
  return s.runs_on != RunsOn::no || !latest || now_.utc >= *latest;
}

void Course::try_later() { s.not_before = now_.boot + retry_in(s); }

void Course::run(Change change) {
  s.phase = Phase::running;
  s.awaits = Awaits::nothing;
  s.body = Body::runs;
  disarm();
  note(change);
}

void Course::run_on(Notice why) {
  say(why);
  try_later();
  run(Change::runs_on);
}

void Course::thaw_at_once() {
  s.phase = Phase::resuming;
  s.awaits = Awaits::thaw;
  command(commands::Thaw{});
  note(Change::resumes);
}

void Course::frozen() {
  s.body = Body::frozen;
  ++s.pauses;
  if (!has_waker(s)) return thaw_at_once();  // it died meanwhile
  paused(Body::frozen);
}

void Course::paused(Body body) {
  s.phase = Phase::paused;
  s.awaits = Awaits::nothing;
  s.body = body;
  note(Change::paused);
}

void Course::woken() {
  say(Notice::woken);
  try_later();
  run(Change::resumed);
}

void Course::started() {
  ++s.lives;
  s.life = {};
  s.restoring = s.lives > 1 ? s.resume_takes : Duration::zero();
  run(Change::started);
}

void Course::not_started(int status) {
  if (s.lives > 0) return resume_failed(status);
  s.status = status;
  over(Phase::done);
}

// Before its start was done.
void Course::back_to_rest() {
  s.phase = s.lives == 0 ? Phase::waiting : Phase::paused;
  s.awaits = Awaits::nothing;
  try_later();
  note(s.lives == 0 ? Change::waits : Change::paused);
}

void Course::grace_over() {
  say(Notice::did_not_pause);
  s.runs_on = RunsOn::did_not_pause;
  run(Change::runs_on);
}

// Of a job that was told to save: inside the grace any exit, or that of the status; after it only
// the status is its word.
bool Course::counts_as_pause(const events::JobEnded& event) const {
  if (event.finished || s.terms.manner != Manner::checkpoint) return false;
  const bool in_grace =
      s.phase == Phase::pausing && (s.awaits == Awaits::signal || s.awaits == Awaits::exit);
  if (!s.terms.paused_status) return in_grace;
  return *s.terms.paused_status == event.status && (in_grace || s.runs_on == RunsOn::did_not_pause);
}

// Who was told to save and ends late has not failed.
bool Course::fails_to_resume(const events::JobEnded& event) const {
  if (event.finished || event.status == 0 || s.lives <= 1) return false;
  return s.phase == Phase::running && s.runs_on != RunsOn::did_not_pause &&
         s.life < s.terms.fails_early;
}

void Course::job_ended(const events::JobEnded& event) {
  s.status = event.status;
  if (counts_as_pause(event)) {
    ++s.pauses;
    s.saved = s.worked;
    return paused(Body::none);
  }
  if (fails_to_resume(event)) return resume_failed(event.status);
  over(s.phase == Phase::ending ? Phase::cancelled : Phase::done);
}

void Course::resume_failed(int status) {
  s.status = status;
  lose_life();
  if (++s.failed_resumes > s.terms.retries) {
    say(Notice::gave_up);
    return over(Phase::done);
  }
  say(Notice::resume_failed);
  try_later();
  paused(Body::none);
}

// Nobody saw its end: the machine went down, or all were killed. From a checkpoint it goes on, but
// not where its own word is that all was done.
void Course::job_lost(bool finished) {
  if (finished) {
    s.status.reset();
    return over(s.phase == Phase::ending ? Phase::cancelled : Phase::done);
  }
  if (s.terms.manner == Manner::checkpoint && s.phase != Phase::ending) {
    lose_life();
    return paused(Body::none);
  }
  s.lost = true;
  say(Notice::lost);
  over(s.phase == Phase::ending ? Phase::cancelled : Phase::done);
}

void Course::over(Phase phase) {
  s.phase = phase;
  s.awaits = Awaits::nothing;
  s.body = Body::none;
  disarm();
  note(Change::ended);
}

Step Course::settled() && {
  if (s.cancel && s.awaits == Awaits::exit) run(Change::runs_on);  // its save is wanted no more
  if (s.phase == Phase::running) {
    latch_slack();
    look_at_ends();
  }
  if (s.awaits == Awaits::nothing) {
    if (s.phase == Phase::waiting) settle_waiting();
    if (s.phase == Phase::running) settle_running();
    if (s.phase == Phase::paused) settle_paused();
  }
  ask_for_plan();
  if (!changes_.empty()) command(commands::Write{++s.written, std::move(changes_)});
  return {std::move(s), std::move(out_)};
}

void Course::latch_slack() {
  const auto latest = latest_of(s);
  if (s.terms.manner == Manner::none || s.runs_on != RunsOn::no) return;
  if (!latest || now_.utc < *latest) return;
  s.runs_on = RunsOn::no_slack;
  say(Notice::no_slack);
}

// What is past its deadline, or its work, runs on; that is said.
void Course::look_at_ends() {
  if (now_.utc >= s.terms.deadline) say(Notice::late);
  if (waits_at(s, now_.utc)) drop_pause();
}

// At a pause of a plan, the one in force or the one before it.
void Course::drop_pause() {
  const bool may_pause = s.terms.manner != Manner::none && s.runs_on == RunsOn::no && !s.cancel;
  if (may_pause && outlived(s)) say(Notice::outlived);
}

void Course::settle_waiting() {
  if (s.cancel) return over(Phase::cancelled);
  if (should_run(s, now_)) begin(Phase::starting, Change::starts);
}

void Course::settle_running() {
  if (s.cancel) return begin(Phase::ending, Change::ends);
  if (should_pause(s, now_)) begin(Phase::pausing, Change::pauses);
}

// Without a waker nothing is waited for, not even the record.
void Course::settle_paused() {
  const bool frozen = s.body == Body::frozen;
  if (s.cancel && !frozen) {
    s.status.reset();  // of a life that left for the pause
    return over(Phase::cancelled);
  }
  if (!s.cancel && !should_run(s, now_)) return frozen ? keep_waker() : void();
  if (frozen && !has_waker(s)) return thaw_at_once();
  if (s.cancel) return begin(Phase::ending, Change::ends);
  begin(Phase::resuming, Change::resumes);
}

void Course::keep_waker() {
  const auto latest = latest_of(s);
  Utc at = pause_ends(s, now_.utc) + s.terms.waker_late;
  if (latest) at = std::min(at, *latest);
  const BootTime wanted = now_.boot + (at - now_.utc);
  const Duration off = wanted - s.wakes_at;
  if (s.waker == Waker::arming || s.waker == Waker::rearming) return;
  if (s.waker == Waker::armed && std::chrono::abs(off) < kNear) return;
  s.waker = s.waker == Waker::none ? Waker::arming : Waker::rearming;
  s.wakes_at = wanted;
  command(commands::Arm{++s.arms, wanted});
}

void Course::ask_for_plan() {
  const bool may_move = s.runs_on == RunsOn::no && !s.cancel && !is_over(s.phase) &&
                        (s.terms.manner != Manner::none || s.phase == Phase::waiting);
  if (!may_move || s.planning || now_.boot < s.next_plan) return;
  s.planning = true;
  s.next_plan = now_.boot + s.terms.replan_every;
  command(commands::MakePlan{});
}

}  // namespace lowtide::act
