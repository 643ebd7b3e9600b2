#include "act/controller.h"

#include <utility>

#include "act/course.h"

namespace lowtide::act {
namespace {

// What each event changes; what follows from the state is Course::settled().
class Hears {
 public:
  Hears(Course& course, const Moment& now) : c(course), now_(now) {}

  void operator()(const events::Tick& /*event*/) {
    if (c.s.awaits == Awaits::exit && now_.boot >= c.s.grace_ends) c.grace_over();
  }
  void operator()(const events::Written& event) {
    if (c.s.awaits == Awaits::write && event.number == c.s.written) c.go_on();
  }
  void operator()(const events::WriteFailed& event) {
    if (c.s.awaits == Awaits::write && event.number == c.s.written) return c.not_recorded();
    c.say(Notice::not_recorded);
  }
  void operator()(const events::Armed& event) {
    if (c.s.waker == Waker::none || event.number != c.s.arms) return;
    c.s.waker = Waker::armed;
    if (c.s.awaits != Awaits::arm) return;
    if (!should_pause(c.s, now_)) return c.run(Change::runs_on);
    c.s.awaits = Awaits::freeze;
    c.command(commands::Freeze{});
  }
  void operator()(const events::ArmFailed& event) {
    if (c.s.waker == Waker::none || event.number != c.s.arms) return;
    c.s.waker = c.s.waker == Waker::rearming ? Waker::armed : Waker::none;
    if (c.s.waker == Waker::armed) return;
    if (c.s.awaits == Awaits::arm) return c.run_on(Notice::not_guarded);
    c.say(Notice::not_guarded);
    if (c.s.phase == Phase::paused) c.thaw_at_once();
  }
  void operator()(const events::Frozen& /*event*/) {
    if (c.s.awaits == Awaits::freeze) c.frozen();
  }
  void operator()(const events::FreezeFailed& /*event*/) {
    if (c.s.awaits != Awaits::freeze) return;
    c.command(commands::Thaw{});
    c.run_on(Notice::not_frozen);
  }
  void operator()(const events::Thawed& /*event*/) {
    if (c.s.awaits == Awaits::thaw) c.run(Change::resumed);
  }
  void operator()(const events::Signalled& /*event*/) {
    if (c.s.awaits != Awaits::signal) return;
    c.s.awaits = Awaits::exit;
    c.s.grace_ends = now_.boot + c.s.terms.grace;
  }
  void operator()(const events::NotCaught& /*event*/) {
    if (c.s.awaits != Awaits::signal) return;
    c.s.runs_on = RunsOn::not_caught;
    c.say(Notice::not_caught);
    c.run(Change::runs_on);
  }
  void operator()(const events::Started& /*event*/) {
    if (c.s.awaits == Awaits::start) c.started();
  }
  void operator()(const events::StartFailed& event) {
    if (c.s.awaits == Awaits::start) c.not_started(event.status);
  }
  void operator()(const events::JobEnded& event) {
    if (c.s.body != Body::none) c.job_ended(event);
  }
  void operator()(const events::WakerDied& event) {
    const bool asked = c.s.waker == Waker::arming || c.s.waker == Waker::rearming;
    c.s.waker = asked ? Waker::arming : Waker::none;
    if (c.s.body != Body::frozen || c.s.awaits == Awaits::thaw) return;
    if (!event.still_frozen) return c.woken();
    if (c.s.phase != Phase::paused) c.thaw_at_once();  // while paused another is armed
  }
  void operator()(const events::PlanCame& event) {
    c.s.planning = false;
    const bool had_pause = planned_pause(c.s, now_.utc).has_value();
    c.s.plan = event.plan;
    if (had_pause && event.plan.runs.empty()) c.drop_pause();
    c.note(Change::planned);
  }
  // An earlier plan lasts for its time.
  void operator()(const events::NoPlan& /*event*/) {
    c.s.planning = false;
    c.say(Notice::no_plan);
    if (!c.s.plan) c.s.plan = Plan{now_.utc, {}, 0, PlanWhy::no_forecast};
  }
  void operator()(const events::ForecastCame& /*event*/) { c.s.next_plan = now_.boot; }
  void operator()(const events::Progress& event) { c.progress(event.done); }
  void operator()(const events::Measured& event) { c.s.resume_takes = event.resume_takes; }
  void operator()(const events::Place& event) {
    c.s.place_taken = event.taken;
    if (event.taken && c.s.awaits == Awaits::start) c.back_to_rest();
  }
  void operator()(const events::RunNow& /*event*/) {
    c.s.runs_on = RunsOn::asked;
    c.s.not_before = now_.boot;
  }
  void operator()(const events::Cancel& /*event*/) { c.s.cancel = true; }

 private:
  Course& c;  // NOLINT(readability-identifier-naming): it stands in every line
  const Moment& now_;
};

}  // namespace

Result<Step> begin(const Terms& terms, std::optional<Duration> length, Duration resume_takes,
                   const Moment& now) {
  if (length && now.utc + *length > terms.deadline) {
    return fail(ErrorKind::no_plan,
                "the job takes " + format_duration(*length) + " and ends at " +
                    format_utc(now.utc + *length) + " at the earliest",
                "deadline", "allow more time, or run without a deadline");
  }
  ActState state;
  state.terms = terms;
  state.length = length;
  state.resume_takes = resume_takes;
  state.counted_to = now.awake;
  state.next_plan = now.boot;
  state.not_before = now.boot;
  Course course(std::move(state), now);
  course.note(Change::waits);
  return std::move(course).settled();
}

Step step(ActState state, const Event& event, const Moment& now) {
  if (is_over(state.phase)) return {std::move(state), {}};
  Course course(std::move(state), now);
  course.count_work();
  std::visit(Hears(course, now), event);
  return std::move(course).settled();
}

}  // namespace lowtide::act
