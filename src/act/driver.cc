#include "act/driver.h"

#include <unistd.h>

#include <deque>
#include <utility>

#include "act/driver_seen.h"
#include "act/driver_wait.h"
#include "act/hands.h"
#include "act/seat.h"
#include "act/state_text.h"
#include "host/clock.h"
#include "host/freeze_note.h"

namespace lowtide::act {
namespace {

constexpr int kCannotKeep = 70;
constexpr int kCancelled = 130;  // as by ^C
constexpr Duration kLongestPlanning = std::chrono::minutes(3);
class Driver {
 public:
  explicit Driver(DriverSetup setup)
      : setup_(std::move(setup)),
        clock_(setup_.time_scale),
        hands_(setup_.files.run, setup_.files.path("frozen")) {}

  int run() {
    if (!open()) return kept_by_other_ ? 0 : kCannotKeep;
    begin();
    while (!is_over(state_.phase) && !leaves_) turn();
    if (leaves_) return 0;
    end();
    return 0;
  }

 private:
  bool open() {
    auto lock = RunLock::take(setup_.files);
    if (!lock) return cannot(lock.error(), lock.error().kind == ErrorKind::temporary);
    lock_ = std::move(*lock);
    if (auto ask = AskPipe::open(setup_.files)) ask_.emplace(std::move(*ask));
    auto acts = record::Acts::open(setup_.ledger_path);
    if (!acts) return cannot(acts.error(), false);
    acts_.emplace(std::move(*acts));
    return true;
  }

  bool cannot(const Error& error, bool by_other) {
    kept_by_other_ = by_other;
    setup_.say(state_, Notice::not_recorded, error.line());
    return false;
  }

  void begin() {
    if (setup_.first) return take(std::move(*setup_.first));
    const auto act = acts_->find(setup_.act.run);
    const auto state = act && *act ? read_state((**act).state) : fail(ErrorKind::absent, "no act");
    if (!state) {
      setup_.say(state_, Notice::not_recorded, "the state on disk cannot be read");
      leaves_ = true;
      return;
    }
    setup_.act = **act;
    const Seen seen = seen_since((**act).changed, *state);
    progress_ = seen.progress;  // of a life that may be over
    take(recover(*state, seen, now()));
  }

  // What became of the run while nobody looked.
  Seen seen_since(Utc written, const ActState& state) {
    Seen seen;
    seen.lives = setup_.life->begun();
    seen.progress = setup_.progress();
    seen.finished = seen.progress.value_or(0) >= 1;
    const auto life = setup_.life->look();
    if (!life) return seen;
    if (!life->ended) {
      watch(*life);
      seen.job = body_now();
      if (seen.job == Body::runs)
        seen.unwatched = worked_since({written, clock_.utc()}, state, note(), clock_);
      return seen;
    }
    seen.status = life->status;
    if (life->end) seen.unwatched = worked_since({written, *life->end}, state, note(), clock_);
    return seen;
  }

  [[nodiscard]] Body body_now() const {
    switch (hands_.state()) {
      case host::FreezeState::frozen:
      case host::FreezeState::partly:
        return Body::frozen;
      default:
        return Body::runs;
    }
  }

  [[nodiscard]] std::string note() const { return setup_.files.path("frozen"); }

  void watch(const LifeSeen& life) {
    hands_.take(life);
    waits_.job(life.job.pid);
  }

  // A job that cannot pause, or need not any more, is not to read that it should.
  void control() {
    const bool pause = state_.phase == Phase::pausing && state_.awaits == Awaits::exit;
    if (!setup_.want || std::exchange(wanted_, pause) == pause) return;
    setup_.want(state_);
  }

  // The next state, and what it commands. Answers come before any other event is heard.
  void take(Step first) {
    std::deque<Event> answers;
    obey(std::move(first), answers);
    while (!answers.empty() && !leaves_) {
      const Event event = std::move(answers.front());
      answers.pop_front();
      obey(step(std::move(state_), event, now()), answers);
    }
    control();
    if (setup_.show) setup_.show(state_, clock_.utc());
  }
  void hear(const Event& event) { take(step(std::move(state_), event, now())); }

  void obey(Step step, std::deque<Event>& answers) {
    state_ = std::move(step.state);
    for (const Command& command : step.commands) {
      if (leaves_) return;
      if (auto answer =
              std::visit([this](const auto& word) { return this->obey(word); }, command)) {
        answers.push_back(std::move(*answer));
      }
    }
  }

  using Answer = std::optional<Event>;
  Answer obey(const commands::Write& word) {
    record::Act act = setup_.act;
    act.standing = standing_of(state_.phase);
    act.state = text_of(state_);
    act.changed = clock_.utc();
    const record::Transition transition{act.changed, words_of(word.changes),
                                        std::string(spell(state_.phase)), detail_of(state_)};
    const bool is_first = std::exchange(first_is_written_, false);
    if (!is_first) {
      const auto done = acts_->write(act, transition);
      unwritten_ = !done;
      if (!done) {
        why_ = done.error().line();
        return events::WriteFailed{word.number};
      }
    }
    if (setup_.noted) setup_.noted(state_, transition);
    return events::Written{word.number};
  }

  Answer obey(const commands::Arm& word) { return hands_.arm(word.number, clock_.real(word.at)); }
  Answer obey(const commands::Disarm& /*word*/) {
    hands_.disarm();
    return std::nullopt;
  }
  Answer obey(const commands::Freeze& /*word*/) { return hands_.freeze(); }
  Answer obey(const commands::Thaw& /*word*/) { return hands_.thaw(); }

  Answer obey(const commands::Signal& /*word*/) {
    if (!hands_.tree()) return events::NotCaught{};
    const auto reached = setup_.ask_to_save(*hands_.tree());
    if (reached && *reached > 0) return events::Signalled{};
    if (!reached) why_ = reached.error().line();
    return events::NotCaught{};
  }

  Answer obey(const commands::Start& /*word*/) {
    const bool shares = setup_.hold_place && !setup_.hold_place();
    if (shares && waits_for_place()) {
      setup_.leave_place();
      return events::Place{true};
    }
    // A seat that the user has stopped (^Z) starts nothing until it goes on; meanwhile he is heard.
    if (seat_is_stopped()) return events::Place{true};
    wanted_.reset();
    control();  // it may look there at once
    const auto started = start_life(setup_.seat, state_.lives + 1);
    if (!started) {
      leaves_ = true;  // the state on disk says so: `lowtide resume` starts it
      return std::nullopt;
    }
    if (started->kind == SeatNote::Kind::failed) return events::StartFailed{started->value};
    if (const auto life = setup_.life->look()) watch(*life);
    return events::Started{};
  }

  Answer obey(const commands::End& /*word*/) {
    hands_.end();
    return std::nullopt;
  }

  Answer obey(const commands::MakePlan& /*word*/) {
    if (const auto made = std::exchange(setup_.plan_made, std::nullopt)) {
      return events::PlanCame{*made};
    }
    planning_until_ = clock_.boot() + kLongestPlanning;
    const auto let_go = [this] {
      lock_.reset();
      ask_.reset();
      acts_.reset();
    };
    if (planner_.start(state_, setup_.plan, let_go)) return std::nullopt;
    return events::NoPlan{};
  }

  Answer obey(const commands::Say& word) {
    std::string why = std::exchange(why_, {});
    setup_.say(state_, word.what, why.empty() ? hands_.trouble() : why);
    return std::nullopt;
  }

  [[nodiscard]] Moment now() const {
    Moment now = clock_.now();
    now.awake -= stops_.total();
    return now;
  }

  // One wait, and what came of it; the waker first, then the job.
  void turn() {
    const Woken woken = waits_.wait(wakes());
    stops_.look(state_.body == Body::runs && hands_.job_is_stopped(), clock_.now().awake);
    if (woken.waker) hear(hands_.waker_died());
    if (woken.job) job_ended();
    if (woken.seat) read_seat();
    if (woken.asked) read_asks();
    if (planner_.at_work()) read_plan();
    if (!is_over(state_.phase) && !leaves_) look_around(woken.time);
  }

  void look_around(bool is_time) {
    read_progress();
    look_for_place();
    // Who sends a frozen job a signal, ^C as ever, is not to wait for its plan.
    if (state_.phase == Phase::paused && hands_.has_signals_waiting()) hear(events::RunNow{});
    if (is_time) hear(events::Tick{});
    // Nobody is left who could start a life.
    leaves_ = leaves_ || (setup_.seat < 0 && state_.body == Body::none && !is_over(state_.phase));
  }

  [[nodiscard]] Wakes wakes() const {
    Wakes wakes;
    wakes.waker = hands_.waker_fd();
    wakes.seat = setup_.seat;
    wakes.ask = ask_ ? ask_->fd() : -1;
    wakes.plan = planner_.fd();
    wakes.until = clock_.boot() + rest();
    if (planner_.at_work()) wakes.until = std::min(wakes.until, planning_until_);
    return wakes;
  }

  // Until something is due; while a job runs its progress is looked at, while somebody looks the
  // line is kept.
  [[nodiscard]] Duration rest() const {
    constexpr Duration kLine = std::chrono::minutes(1);
    constexpr Duration kLeast = std::chrono::milliseconds(100);
    const bool often = setup_.watches && setup_.watches();
    const Duration usual = often ? std::chrono::seconds(1) : std::chrono::seconds(10);
    const Duration progress_in = std::min(usual, std::max(clock_.real(kLine), kLeast));
    constexpr Duration kIdle = std::chrono::hours(1);
    Duration rest = clock_.real(next_in(state_, now()).value_or(kIdle));
    if (state_.body == Body::runs || setup_.place_taken || state_.place_taken)
      rest = std::min(rest, progress_in);
    if (state_.body == Body::frozen) rest = std::min<Duration>(rest, std::chrono::seconds(1));
    if (setup_.show) rest = std::min(rest, std::max(clock_.real(kLine), kLeast));
    return std::min(rest, kIdle);
  }

  void job_ended() {
    const auto life = ended_life(*setup_.life);
    waits_.job(0);
    const bool told = life && life->status;
    const auto done = setup_.progress();
    hands_.job_ended();
    if (told) {
      hear(events::JobEnded{*life->status, done >= 1});
    } else {
      Seen seen;
      seen.lives = state_.lives;
      seen.progress = done;
      seen.finished = done >= 1;
      if (state_.body == Body::runs) seen.unwatched = now().awake - state_.counted_to;
      take(recover(std::move(state_), seen, now()));
    }
    if (state_.body != Body::none) return;
    hands_.let_go();
    if (setup_.leave_place) setup_.leave_place();
  }

  void read_seat() {
    SeatNote note;
    const NoteRead read = read_note(setup_.seat, note);
    if (read == NoteRead::gone) setup_.seat = -1;
    if (read != NoteRead::got) return;
    if (note.kind == SeatNote::Kind::cancel) {
      cancel_status_ = 128 + note.value;
      hear(events::Cancel{});
    }
  }

  void read_asks() {
    for (const std::string& word : ask_->take()) {
      if (word == "cancel") hear(events::Cancel{});
      if (word == "start-now") hear(events::RunNow{});
    }
  }

  void read_plan() {
    const auto plan = planner_.take();
    if (!plan) {
      if (clock_.boot() < planning_until_) return;
      planner_.stop();
      why_ = "planning took too long";
      return hear(events::NoPlan{});
    }
    if (*plan) return hear(events::PlanCame{**plan});
    why_ = plan->error().line();
    hear(events::NoPlan{});
  }

  [[nodiscard]] bool seat_is_stopped() const {
    const auto seat = setup_.seat >= 0 ? host::process_stat(getppid()) : std::nullopt;
    return seat && seat->is_stopped();
  }

  // It is to have it to itself, and there is time.
  [[nodiscard]] bool waits_for_place() const {
    ActState taken = state_;
    taken.place_taken = true;
    return setup_.place_taken && !should_run(taken, now());
  }

  void look_for_place() {
    if (state_.body != Body::none || (!setup_.place_taken && !state_.place_taken)) return;
    const bool taken = seat_is_stopped() || (setup_.place_taken && setup_.place_taken());
    if (taken != state_.place_taken) hear(events::Place{taken});
  }

  void read_progress() {
    if (state_.body != Body::runs) return;
    const auto done = setup_.progress();
    if (!done || done == progress_) return;
    progress_ = done;
    hear(events::Progress{*done});
    const auto measured = setup_.measured ? setup_.measured() : std::nullopt;
    if (measured) hear(events::Measured{*measured});
  }

  void end() {
    hands_.let_go();
    const bool at_rest = state_.phase == Phase::cancelled && !state_.status;
    const int status = at_rest ? cancel_status_.value_or(kCancelled) : final_status(state_);
    // What is not on record is to be found: `lowtide resume` sees that the job is gone.
    if (!unwritten_) setup_.files.remove();
    if (unwritten_) setup_.say(state_, Notice::end_not_recorded, setup_.files.run);
    send_note(setup_.seat, {SeatNote::Kind::over, state_.lives, status});
  }

  DriverSetup setup_;
  DriverClock clock_;
  Waits waits_;
  Hands hands_;
  Planner planner_;
  std::optional<RunLock> lock_;
  std::optional<AskPipe> ask_;
  std::optional<record::Acts> acts_;
  ActState state_;
  bool first_is_written_ = setup_.first.has_value();
  bool unwritten_ = false;  // the last transition is not on record
  bool kept_by_other_ = false;
  bool leaves_ = false;
  BootTime planning_until_{};
  StoppedTime stops_;
  std::optional<double> progress_;
  std::optional<bool> wanted_;  // of the job, by its control file: to pause
  std::optional<int> cancel_status_;
  std::string why_;  // of the next thing that is said
};

}  // namespace

int drive(DriverSetup setup) { return Driver(std::move(setup)).run(); }

}  // namespace lowtide::act
