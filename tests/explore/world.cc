// More than 400 lines because what may happen, what it does and what must never be are read
// together.
#include "world.h"

#include <algorithm>
#include <string>

#include "act/state_text.h"

namespace lowtide::act {
namespace {

template <typename... Fs>
struct Match : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Match(Fs...) -> Match<Fs...>;

template <typename Wanted>
bool is(const Command& command) {
  return std::holds_alternative<Wanted>(command);
}

}  // namespace

// What the driver only hears of when it is done with its commands.
constexpr bool is_heard_later(Deed deed) {
  return deed >= Deed::tell || (deed >= Deed::plan_now && deed <= Deed::no_plan);
}

bool World::may(Deed deed) const {
  if (!terms_.wide && !queue_.empty() && is_heard_later(deed)) return false;
  return deed < Deed::job_completes ? may_inside(deed) : may_outside(deed);
}

bool World::may_inside(Deed deed) const {
  const bool busy = !queue_.empty();
  const bool waker_due = waker_ && job_ == Job::frozen && moment().boot >= waker_at_;
  switch (deed) {
    case Deed::next:
      return busy;
    case Deed::dies_midway:
      return busy &&
             (waker_ || (job_ != Job::frozen && !is<commands::Freeze>(queue_.front().command)));
    case Deed::fail_next:
      return busy && !is<commands::Thaw>(queue_.front().command) &&
             !is<commands::Disarm>(queue_.front().command) &&
             !is<commands::End>(queue_.front().command);
    case Deed::plan_now:
    case Deed::plan_later:
    case Deed::plan_gap:
    case Deed::plan_never:
    case Deed::no_plan:
      return plan_asked_;
    case Deed::waker_thaws:
      return waker_due;
    case Deed::hour:
      return !busy && !waker_due && utc_ < kHorizon && !(job_ == Job::runs && needs() == 0);
    case Deed::controller_dies:
      return mem_ && (job_ != Job::frozen || waker_);
    case Deed::waker_dies:
      return waker_ && mem_;
    case Deed::resume:
      return !mem_ && disk_;
    default:
      return true;  // the machine may always go down
  }
}

bool World::may_outside(Deed deed) const {
  switch (deed) {
    case Deed::job_completes:
    case Deed::job_completes_and_says_so:
      return job_ == Job::runs && needs() == 0;
    case Deed::job_fails:
      return alive();
    case Deed::job_saves_and_ends:
      return job_ == Job::runs && told_to_save_;
    case Deed::tell:
      return mem_ && job_ == Job::runs && progress() > 0 && !told_;
    case Deed::suspend:
    case Deed::clock_forward:
      return utc_ < kHorizon;
    case Deed::clock_back:
      return utc_ > 0;
    case Deed::forecast_came:
      return mem_ && !is_over(mem_->phase) && !mem_->planning && mem_->runs_on == RunsOn::no;
    case Deed::run_now:
      return mem_ && !is_over(mem_->phase) && mem_->runs_on == RunsOn::no;
    case Deed::cancel:
      return mem_ && !is_over(mem_->phase) && !cancelled_;
    default:
      return false;
  }
}

void World::act(Deed deed) {
  switch (deed) {
    case Deed::next:
      return obey(true, true);
    case Deed::fail_next:
      return obey(false, true);
    case Deed::dies_midway:
      obey(true, false);
      return controller_dies();
    case Deed::plan_now:
    case Deed::plan_later:
    case Deed::plan_gap:
    case Deed::plan_never:
      plan_asked_ = false;
      return hear(events::PlanCame{plan_of(deed)});
    case Deed::no_plan:
      plan_asked_ = false;
      return hear(events::NoPlan{});
    case Deed::waker_thaws:
      job_ = Job::runs;
      waker_ = false;
      return hear(events::WakerDied{false});
    case Deed::hour:
      return hour(false);
    case Deed::controller_dies:
      return controller_dies();
    case Deed::waker_dies:
      waker_ = false;
      return hear(events::WakerDied{job_ == Job::frozen});
    case Deed::reboot:
      return reboot();
    case Deed::resume:
      return resume();
    default:
      return deed < Deed::suspend ? act_on_job(deed) : act_outside(deed);
  }
}

void World::act_on_job(Deed deed) {
  switch (deed) {
    case Deed::job_completes:
      return ends(0, false);
    case Deed::job_completes_and_says_so:
      return ends(0, true);
    case Deed::job_fails:
      return ends(job_ == Job::frozen ? 137 : told_to_end_ ? 143 : 1, false);
    case Deed::job_saves_and_ends:
      return saves_and_ends();
    default:
      return tell();
  }
}

void World::act_outside(Deed deed) {
  switch (deed) {
    case Deed::suspend:
      return hour(true);
    case Deed::clock_forward:
      return step_clock(1);
    case Deed::clock_back:
      return step_clock(-1);
    case Deed::run_now:
      return hear(events::RunNow{});
    case Deed::cancel:
      cancelled_ = true;
      delayed();
      return hear(events::Cancel{});
    default:
      return hear(events::ForecastCame{});
  }
}

void World::take(Step step) {
  mem_ = std::make_shared<const ActState>(std::move(step.state));
  for (Command& command : step.commands) {
    if (is<commands::Say>(command)) continue;
    if (is<commands::MakePlan>(command)) {
      plan_asked_ = true;
      continue;
    }
    const bool writes = is<commands::Write>(command);
    queue_.push_back({std::move(command), writes ? mem_ : nullptr});
  }
  const auto in = brain_->next_in(*mem_, moment());
  call_at_ = in ? moment().boot + *in : BootTime::max();
}

void World::obey(bool works, bool answers) {
  const Wish wish = std::move(queue_.front());
  queue_.erase(queue_.begin());
  const bool silent = is<commands::Disarm>(wish.command) || is<commands::End>(wish.command);
  const Event answer = done(wish, works);
  if (answers && !silent) hear(answer);
}

Event World::done(const Wish& wish, bool works) {
  return std::visit(Match{[&](const commands::Write&) { return write(wish, works); },
                          [&](const commands::Start&) { return start(works); },
                          [&](const commands::Freeze&) { return freeze(works); },
                          [&](const commands::Arm& arm) -> Event {
                            if (!works) return events::ArmFailed{arm.number};
                            waker_ = true;
                            waker_at_ = arm.at;
                            return events::Armed{arm.number};
                          },
                          [&](const commands::Disarm&) -> Event {
                            waker_ = false;
                            return events::Tick{};
                          },
                          [&](const commands::Thaw&) -> Event {
                            if (job_ == Job::frozen) job_ = Job::runs;
                            return events::Thawed{};
                          },
                          [&](const commands::Signal&) -> Event {
                            must_be_written({Phase::pausing});
                            if (!works || job_ != Job::runs) return events::NotCaught{};
                            told_to_save_ = true;
                            return events::Signalled{};
                          },
                          [&](const commands::End&) -> Event {
                            must_be_written({Phase::ending});
                            told_to_end_ = true;
                            return events::Tick{};
                          },
                          [&](const auto&) -> Event { return events::Tick{}; }},
                    wish.command);
}

Event World::write(const Wish& wish, bool works) {
  const std::uint32_t number = std::get<commands::Write>(wish.command).number;
  unwritten_ = !works;
  if (!works) {
    if (!alive()) stall();
    return events::WriteFailed{number};
  }
  if (disk_ && disk_->written > wish.state->written)
    wrong_ = "an older record overwrites a newer one";
  disk_ = wish.state;
  unwatched_ = 0;
  return events::Written{number};
}

Event World::start(bool works) {
  must_be_written({Phase::starting, Phase::resuming});
  if (alive()) wrong_ = "the job is started while it runs";
  if (finished_) wrong_ = "a finished job is started again";
  if (!works) {
    stall();
    return events::StartFailed{126};
  }
  job_ = Job::runs;
  restore_ = ++lives_ > 1 ? kRestoring : 0;
  status_.reset();
  told_to_save_ = false;
  ended_ = false;
  unwatched_ = 0;
  stalled_ = false;
  if (shadow_ < 0) delayed();
  return events::Started{};
}

// One that fails may have frozen a part.
Event World::freeze(bool works) {
  must_be_written({Phase::pausing});
  if (job_ != Job::runs) return events::FreezeFailed{};
  job_ = Job::frozen;
  if (works) return events::Frozen{};
  return events::FreezeFailed{};
}

// A disk that failed is no reason to let a job run that is being ended, nor to keep one from its
// start that can wait no longer.
void World::must_be_written(std::initializer_list<Phase> phases) {
  const bool is_written =
      disk_ && std::find(phases.begin(), phases.end(), disk_->phase) != phases.end();
  const auto latest = latest_of(*mem_);
  const bool starts = mem_->awaits == Awaits::start;
  const bool must = starts && (mem_->runs_on != RunsOn::no || !latest || moment().utc >= *latest);
  if (!is_written && !(unwritten_ && (cancelled_ || must))) wrong_ = "done before it was written";
}

void World::hour(bool asleep) {
  ++utc_;
  ++boot_;
  if (!asleep) {
    ++awake_;
    if (job_ == Job::runs) {
      ++unwatched_;
      --(restore_ > 0 ? restore_ : work_);
      work_ = std::max(work_, 0);
    }
    if (shadow_ > 0) --shadow_;
  } else {
    delayed();
  }
  if (!asleep && mem_ && moment().boot < call_at_) check_not_due();
  tick();
}

// Nobody would have called the controller: was there nothing to do?
void World::check_not_due() {
  if (!brain_->step(*mem_, events::Tick{}, moment()).commands.empty()) {
    wrong_ = "something was due before the next call";
  }
}

void World::step_clock(int by) {
  utc_ += by;
  delayed();
  tick();
}

// The waker sees it at once.
void World::controller_dies() {
  mem_ = nullptr;
  queue_.clear();
  plan_asked_ = false;
  call_at_ = BootTime::max();
  if (waker_ && job_ == Job::frozen) job_ = Job::runs;
  waker_ = false;
  if (!alive()) shadow_ = -1;
}

void World::reboot() {
  mem_ = nullptr;
  queue_.clear();
  plan_asked_ = waker_ = false;
  call_at_ = BootTime::max();
  if (alive()) {
    job_ = Job::gone;
    status_.reset();
    work_ = saved_;
    restore_ = unwatched_ = 0;
  }
  if (finished_) status_.reset();  // with whoever could have said it
  told_to_save_ = told_to_end_ = false;
  boot_ = awake_ = 0;
  shadow_ = -1;
}

void World::resume() {
  Seen seen;
  seen.job = job_ == Job::runs ? Body::runs : job_ == Job::frozen ? Body::frozen : Body::none;
  seen.lives = lives_;
  seen.status = status_;
  seen.finished = finished_;
  seen.waker = waker_;
  if (told_ && alive() && progress() > 0) seen.progress = progress();
  seen.unwatched = std::chrono::hours(unwatched_);
  if (!alive() && disk_->length != std::chrono::hours(terms_.true_length)) told_ = false;
  unwritten_ = true;  // until the first record of the new controller
  take(brain_->recover(*disk_, seen, moment()));
  delayed();
}

void World::ends(int status, bool finished) {
  job_ = Job::gone;
  status_ = status;
  finished_ = finished_ || finished;
  ended_ = true;
  saved_ = work_;  // if this counts as a pause, as a checkpoint too: any status is taken for one
  stall();
  hear(events::JobEnded{status, finished});
  // A life that failed to resume is tried again, and one that ended inside the grace has paused.
  ended_ = !mem_ || is_over(mem_->phase);
  restore_ = 0;
}

void World::saves_and_ends() {
  const bool in_grace = mem_ && mem_->phase == Phase::pausing;
  job_ = Job::gone;
  status_ = kSaved;
  saved_ = work_;
  restore_ = 0;
  told_to_save_ = false;
  hear(events::JobEnded{kSaved, false});
  ended_ = mem_ && is_over(mem_->phase);  // saved too late: that was its end
  if (!in_grace) delayed();
  if (!mem_) shadow_ = -1;
}

void World::tell() {
  told_ = true;
  hear(events::Progress{progress()});
  delayed();
}

Plan World::plan_of(Deed deed) const {
  const auto hours = [](int hour) { return Utc(std::chrono::hours(hour)); };
  Plan plan{hours(utc_), {}, 0.1, PlanWhy::cheaper};
  switch (deed) {
    case Deed::plan_now:
      plan.why = PlanWhy::no_gain;
      break;
    case Deed::plan_later:
      plan.runs = {{hours(utc_ + 2), hours(utc_ + 9)}};
      break;
    case Deed::plan_gap:
      plan.runs = {{hours(utc_), hours(utc_ + 1)}, {hours(utc_ + 3), hours(utc_ + 9)}};
      break;
    default:
      plan.runs = {{hours(kDeadline + 1), hours(kDeadline + 5)}};
  }
  return plan;
}

bool World::queued_help() const {
  return std::any_of(queue_.begin(), queue_.end(), [](const Wish& wish) {
    return is<commands::Arm>(wish.command) || is<commands::Thaw>(wish.command);
  });
}

bool World::misses_the_deadline() const {
  if (shadow_ < 0 || over()) return false;
  return utc_ + shadow_ <= kDeadline && utc_ + needs() > kDeadline;
}

std::string_view World::wrong() const {
  if (*wrong_ != '\0') return wrong_;
  if (job_ == Job::frozen && !waker_ && !(mem_ && queued_help())) {
    return "frozen, and nobody wakes it";
  }
  if (misses_the_deadline()) return "misses a deadline that running on would have kept";
  if (mem_ && queue_.empty()) return wrong_at_rest();
  return "";
}

std::string_view World::wrong_at_rest() const {
  const ActState& state = *mem_;
  if (waker_ && job_ != Job::frozen) return "a waker is left over";
  if (state.awaits != Awaits::nothing && state.awaits != Awaits::exit) {
    return "waits for an answer that will not come";
  }
  const bool frozen = job_ == Job::frozen;
  const bool runs = state.phase == Phase::running || state.phase == Phase::pausing ||
                    state.phase == Phase::ending;
  if (runs != (job_ == Job::runs)) return "does not know whether the job runs";
  if (frozen != (state.phase == Phase::paused && state.body == Body::frozen)) {
    return "does not know whether the job is frozen";
  }
  if (state.lives != lives_) return "a life is lost or doubled";
  if (!unwritten_ && (!disk_ || disk_->written != state.written || disk_->phase != state.phase)) {
    return "a transition is not on disk";
  }
  if (!unwritten_ && disk_->length != state.length) return "a length is not on disk";
  const bool rests = state.phase == Phase::waiting || state.phase == Phase::paused;
  if (rests && utc_ >= kDeadline && moment().boot >= state.not_before) {
    return "asleep at the deadline";
  }
  if (finished_ && !is_over(state.phase)) return "a finished job is not done";
  return "";
}

// Only what makes a difference to what may come: instants of the boot clock as they are from now,
// numbers of records and of lives as differences.
std::uint64_t World::hash() const {
  Hasher hasher;
  hasher.add(terms_.manner);
  hasher.add(terms_.true_length);
  hasher.add(terms_.wide);
  hasher.add(job_);
  if (mem_ && is_over(mem_->phase) && queue_.empty()) return hasher.sum();
  const BootTime now = moment().boot;
  add_memory(hasher);
  if (disk_) add_kept(hasher, *disk_, unwatched_);
  for (const Wish& wish : queue_) {
    hasher.mix(wish.command.index());
    if (wish.state) add_kept(hasher, *wish.state, 0);
    if (wish.state) hasher.add(mem_->written - wish.state->written);
    if (const auto* arm = std::get_if<commands::Arm>(&wish.command)) {
      hasher.add(arm->at - now);
      hasher.add(mem_->arms - arm->number);
    }
  }
  const int status = mem_ ? 0 : status_.value_or(-1);
  for (const int value : {work_, restore_, saved_, utc_, shadow_, status}) {
    hasher.add(value);
  }
  for (const bool value : {plan_asked_, unwritten_, told_to_save_, told_to_end_, finished_, ended_,
                           waker_, told_, cancelled_, stalled_}) {
    hasher.add(value);
  }
  if (waker_) hasher.add(waker_at_ - now);
  return hasher.sum();
}

void World::add_memory(Hasher& hasher) const {
  hasher.add(mem_ != nullptr);
  hasher.add(disk_ != nullptr);
  if (!mem_) return;
  const ActState& state = *mem_;
  const Moment now = moment();
  add_kept(hasher, state, 0);
  hasher.add(state.awaits);
  hasher.add(state.planning);
  const auto hours_to = [&](BootTime at) {
    return std::chrono::ceil<std::chrono::hours>(std::max(at, now.boot) - now.boot).count();
  };
  hasher.add(hours_to(state.next_plan));
  hasher.add(hours_to(state.not_before));
  if (state.awaits == Awaits::exit) hasher.add(hours_to(state.grace_ends));
  hasher.add(state.waker);
  if (state.waker != Waker::none) hasher.add(state.wakes_at - now.boot);
}

// Of a state what recover() goes by, with what the job did since.
void World::add_kept(Hasher& hasher, const ActState& state, int unwatched) const {
  const Duration past = std::chrono::hours(unwatched);
  const Duration restoring = std::min(past, state.restoring);
  hasher.add(state.phase);
  if (is_over(state.phase)) return;
  hasher.add(state.body);
  hasher.add(state.runs_on);
  hasher.add(state.cancel);
  hasher.add(std::min(state.lives, 2));
  hasher.add(lives_ - state.lives);
  if (state.lives > 1) {
    hasher.add(std::min(state.life + past, state.terms.fails_early));
    hasher.add(state.failed_resumes);
  }
  if (state.runs_on != RunsOn::no) return;
  hasher.add(state.length);
  hasher.add(state.worked + past - restoring);
  hasher.add(state.restoring - restoring);
  if (state.terms.manner == Manner::checkpoint) hasher.add(state.saved);
  hasher.add(state.adrift);
  hasher.add(state.word_then.value_or(-1));
  if (state.word_then) hasher.add(state.worked_then + past - restoring);
  hasher.add(state.plan.has_value());
  for (int hour = 0; hour <= kHorizon; ++hour) {
    hasher.add(waits_at(state, Utc(std::chrono::hours(hour))));
  }
}

std::string World::shown() const {
  constexpr std::array<const char*, 4> kJobs = {"none", "runs", "frozen", "gone"};
  std::string out = "utc " + std::to_string(utc_) + " job " + kJobs[static_cast<int>(job_)] +
                    " work " + std::to_string(work_) + "+" + std::to_string(restore_) +
                    (waker_ ? " waker" : "") + " running on takes " + std::to_string(shadow_);
  if (mem_) {
    out += ", " + std::string(spell(mem_->phase)) + " awaits " + std::string(spell(mem_->awaits));
  } else {
    out += ", no controller";
  }
  return out + ", on disk " + (disk_ ? std::string(spell(disk_->phase)) : "nothing") + ", " +
         std::to_string(queue_.size()) + " to do";
}

}  // namespace lowtide::act
