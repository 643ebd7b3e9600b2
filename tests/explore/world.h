// An abstract world with a controller in it, for the exploration: a job, a waker, a disk, two
// clocks and a planner, all in whole hours. Not part of the program.
//
// What the controller commands waits in a queue and is done one by one (Deed::next, which costs no
// depth); between any two of them anything may happen. While something waits to be done time stands
// still: the driver is quick, but never quicker than a kill. Processes die one at a time: as long
// as a frozen job has one of its two wakers only, the other is not killed.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "act/controller.h"
#include "act/state_hash.h"

namespace lowtide::act {

// The controller as the world calls it: a broken one must be found.
struct Brain {
  std::function<Step(ActState, const Event&, const Moment&)> step =
      [](ActState s, const Event& e, const Moment& m) { return act::step(std::move(s), e, m); };
  std::function<Step(ActState, const Seen&, const Moment&)> recover =
      [](ActState s, const Seen& seen, const Moment& m) {
        return act::recover(std::move(s), seen, m);
      };
  std::function<std::optional<Duration>(const ActState&, const Moment&)> next_in = act::next_in;
};

enum class Deed {
  next,         // the first command is obeyed and answered
  waker_thaws,  // its time has come
  plan_now,     // the planner answers: run on
  plan_later,   // two hours from now
  plan_gap,     // an hour, and again two hours later
  plan_never,   // after the deadline
  no_plan,      // the provider is down
  hour,
  fail_next,    // the first command fails
  dies_midway,  // the first command is obeyed, its answer dies with the controller
  controller_dies,
  waker_dies,
  reboot,
  resume,  // the next lowtide command
  job_completes,
  job_completes_and_says_so,
  job_fails,
  job_saves_and_ends,
  tell,  // the job says how far it is
  suspend,
  clock_forward,
  clock_back,
  forecast_came,
  run_now,
  cancel
};
inline constexpr int kDeeds = static_cast<int>(Deed::cancel) + 1;
inline constexpr std::array<std::string_view, kDeeds> kDeedNames = {"next",
                                                                    "waker_thaws",
                                                                    "plan_now",
                                                                    "plan_later",
                                                                    "plan_gap",
                                                                    "plan_never",
                                                                    "no_plan",
                                                                    "hour",
                                                                    "fail_next",
                                                                    "dies_midway",
                                                                    "controller_dies",
                                                                    "waker_dies",
                                                                    "reboot",
                                                                    "resume",
                                                                    "job_completes",
                                                                    "job_completes_and_says_so",
                                                                    "job_fails",
                                                                    "job_saves_and_ends",
                                                                    "tell",
                                                                    "suspend",
                                                                    "clock_forward",
                                                                    "clock_back",
                                                                    "forecast_came",
                                                                    "run_now",
                                                                    "cancel"};

// What the driver and the planner do in answer costs no depth.
constexpr bool is_free(Deed deed) { return deed <= Deed::no_plan; }

struct WorldTerms {
  Manner manner = Manner::freeze;
  int said_length = 2;  // hours, to the controller
  int true_length = 2;
  // Else the driver hears of what is not of the job, the waker or its own end only after it has
  // obeyed all commands.
  bool wide = false;
};
inline constexpr int kDeadline = 6;
inline constexpr int kHorizon = kDeadline;
inline constexpr int kRestoring = 1;  // hours of a resume from a checkpoint
inline constexpr int kSaved = 75;     // the exit status of a checkpoint

class World {
 public:
  World(const WorldTerms& terms, const Brain& brain) : brain_(&brain), terms_(terms) {
    Terms given;
    given.deadline = Utc(std::chrono::hours(kDeadline));
    given.manner = terms.manner;
    given.plan_lasts = std::chrono::hours(3);
    given.replan_every = std::chrono::hours(2);
    given.retries = 1;
    work_ = saved_ = terms.true_length;
    told_ = terms.said_length == terms.true_length;
    if (told_) shadow_ = needs();
    take(*begin(given, std::chrono::hours(terms.said_length),
                std::chrono::hours(terms.manner == Manner::checkpoint ? kRestoring : 0), moment()));
  }

  [[nodiscard]] bool may(Deed deed) const;
  void act(Deed deed);
  // What must never be; empty where all is well.
  [[nodiscard]] std::string_view wrong() const;
  [[nodiscard]] std::uint64_t hash() const;
  [[nodiscard]] std::string shown() const;

 private:
  enum class Job { none, runs, frozen, gone };
  struct Wish {
    Command command;
    std::shared_ptr<const ActState> state;  // of a Write
  };

  [[nodiscard]] bool alive() const { return job_ == Job::runs || job_ == Job::frozen; }
  [[nodiscard]] Moment moment() const {
    return {Utc(std::chrono::hours(utc_)), BootTime(std::chrono::hours(boot_)),
            std::chrono::hours(awake_)};
  }
  // Hours of work and restoring, from now, if it goes on at once.
  [[nodiscard]] int needs() const {
    return work_ + restore_ + (job_ == Job::gone && lives_ > 0 ? kRestoring : 0);
  }
  [[nodiscard]] bool over() const { return ended_ || (mem_ && is_over(mem_->phase)); }
  // Something from outside took time that nobody could have foreseen: the promise is given anew
  // from here. A pause that was begun is not taken back.
  void delayed() {
    const bool promised = told_ && !over() && !cancelled_ && (mem_ || alive()) && !stalled_;
    shadow_ = promised ? needs() + (told_to_save_ ? kRestoring : 0) : -1;
  }

  // It could not be started: there is no promise until it is.
  void stall() {
    stalled_ = true;
    shadow_ = -1;
  }

  void take(Step step);
  void hear(const Event& event) {
    if (mem_) take(brain_->step(*mem_, event, moment()));
  }
  void tick() {
    if (mem_) hear(events::Tick{});
  }
  void check_not_due();
  void obey(bool works, bool answers);
  [[nodiscard]] Event done(const Wish& wish, bool works);
  [[nodiscard]] Event write(const Wish& wish, bool works);
  [[nodiscard]] Event start(bool works);
  [[nodiscard]] Event freeze(bool works);
  void must_be_written(std::initializer_list<Phase> phases);
  void hour(bool asleep);
  void step_clock(int by);
  void controller_dies();
  void reboot();
  void resume();
  void ends(int status, bool finished);
  void saves_and_ends();
  void tell();
  [[nodiscard]] double progress() const {
    return 1.0 - static_cast<double>(work_) / terms_.true_length;
  }
  [[nodiscard]] Plan plan_of(Deed deed) const;
  [[nodiscard]] std::string_view wrong_at_rest() const;
  [[nodiscard]] bool misses_the_deadline() const;
  [[nodiscard]] bool queued_help() const;
  void act_outside(Deed deed);
  void act_on_job(Deed deed);
  [[nodiscard]] bool may_inside(Deed deed) const;
  [[nodiscard]] bool may_outside(Deed deed) const;

  void add_memory(Hasher& hasher) const;
  void add_kept(Hasher& hasher, const ActState& state, int unwatched) const;

  const Brain* brain_;
  WorldTerms terms_;
  std::shared_ptr<const ActState> mem_;   // none: the controller is dead
  std::shared_ptr<const ActState> disk_;  // none: nothing was written yet
  std::vector<Wish> queue_;
  bool plan_asked_ = false;
  bool unwritten_ = false;  // a record failed since the last that did not
  BootTime call_at_ = BootTime::max();

  Job job_ = Job::none;
  int work_ = 0;     // true hours left
  int restore_ = 0;  // to be spent before
  int saved_ = 0;    // hours left at the last checkpoint
  int lives_ = 0;
  int unwatched_ = 0;  // hours since the last record
  bool told_to_save_ = false;
  bool told_to_end_ = false;
  std::optional<int> status_;
  bool finished_ = false;
  bool ended_ = false;  // by itself, or told to

  bool waker_ = false;
  BootTime waker_at_{};
  int utc_ = 0;
  int boot_ = 0;
  int awake_ = 0;
  bool told_ = false;  // the controller was given the true length
  bool cancelled_ = false;
  bool stalled_ = false;
  int shadow_ = -1;  // hours that running on since the promise would still take; -1: no promise
  const char* wrong_ = "";
};

}  // namespace lowtide::act
