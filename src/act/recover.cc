// A new controller goes on from what the last one had on disk and from what is there.
#include <utility>

#include "act/course.h"

namespace lowtide::act {
namespace {

// What no longer holds: answers that will not come, and times of a boot clock that may be another.
void forget(ActState& state, const Seen& seen, const Moment& now) {
  state.planning = false;
  state.next_plan = now.boot;
  state.not_before = now.boot;
  state.grace_ends = now.boot + state.terms.grace;
  state.wakes_at = now.boot;
  state.waker = seen.waker ? Waker::armed : Waker::none;
  state.counted_to = now.awake;
}

// A start on record may have been done or not: the lives say which. Where the end of the life
// before is not on record, what it had saved is not known either.
void take_lives(Course& course, int lives) {
  ActState& state = course.s;
  if (lives <= state.lives) return;
  if (state.body != Body::none) course.lose_life();
  state.lives = lives;
  state.life = {};
  state.body = Body::runs;
  state.phase = Phase::running;
  if (lives > 1) state.restoring = state.resume_takes;
}

bool was_told_to_save(const ActState& state) {
  return state.phase == Phase::pausing && state.terms.manner == Manner::checkpoint;
}

void count_unwatched(Course& course, const Seen& seen) {
  const Duration past = seen.unwatched.value_or(Duration::zero());
  course.work(past);
  course.s.life += past;
  if (seen.progress) course.progress(*seen.progress);
}

void job_is_there(Course& course) {
  const bool may_be_saving = was_told_to_save(course.s);
  course.s.body = Body::runs;
  course.s.phase = may_be_saving ? Phase::pausing : Phase::running;
  course.s.awaits = may_be_saving ? Awaits::exit : Awaits::nothing;
  course.disarm();
}

void job_is_gone(Course& course, const Seen& seen) {
  if (course.s.body == Body::none) {
    // Nothing had begun, or a checkpoint had ended it: as it was before the wish.
    course.s.phase = course.s.lives == 0 ? Phase::waiting : Phase::paused;
    course.s.awaits = Awaits::nothing;
    return;
  }
  if (!seen.status) return course.job_lost(seen.finished);
  if (was_told_to_save(course.s)) course.s.awaits = Awaits::exit;
  course.job_ended({*seen.status, seen.finished});
}

}  // namespace

Step recover(ActState on_disk, const Seen& seen, const Moment& now) {
  if (is_over(on_disk.phase)) return {std::move(on_disk), {}};
  Course course(std::move(on_disk), now);
  course.note(Change::recovered);
  forget(course.s, seen, now);
  take_lives(course, seen.lives);
  count_unwatched(course, seen);
  if (seen.job == Body::frozen) {
    course.s.body = Body::frozen;
    course.thaw_at_once();
    course.say(Notice::thawed);
  } else if (seen.job == Body::runs) {
    job_is_there(course);
  } else {
    job_is_gone(course, seen);
  }
  return std::move(course).settled();
}

}  // namespace lowtide::act
