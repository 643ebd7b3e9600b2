// One step of a run: the state as it changes and the commands that come of it. Private to
// controller.cc and recover.cc.
#pragma once

#include <utility>
#include <vector>

#include "act/controller.h"

namespace lowtide::act {

class Course {
 public:
  Course(ActState state, const Moment& now) : s(std::move(state)), now_(now) {}
  // What then follows from the state as it is; the last of each step.
  [[nodiscard]] Step settled() &&;

  void count_work();
  void work(Duration past);
  void progress(double done);
  void lose_life();  // what it did since its last save, as far as is known

  // Transitions. begin_* put the wish on record and wait for it.
  void begin(Phase phase, Change change);
  void go_on();  // the record is there
  void not_recorded();
  void run(Change change);  // the job runs: now, still or again
  void run_on(Notice why);  // a pause that did not come about; another is tried later
  void thaw_at_once();
  void frozen();
  void woken();
  void started();
  void grace_over();
  void not_started(int status);
  void back_to_rest();
  void job_ended(const events::JobEnded& event);
  void job_lost(bool finished);

  void command(Command command) { out_.push_back(std::move(command)); }
  void note(Change change) { changes_.push_back(change); }  // on record with this step
  void say(Notice notice);
  void disarm();
  void drop_pause();  // says so, where the job has outlived its work

  ActState s;  // NOLINT(readability-identifier-naming): it stands in every line

 private:
  void set_length(std::optional<Duration> length);
  void take_pace(double done);
  [[nodiscard]] bool counts_as_pause(const events::JobEnded& event) const;
  [[nodiscard]] bool fails_to_resume(const events::JobEnded& event) const;
  void over(Phase phase);
  void paused(Body body);
  void try_later();
  [[nodiscard]] bool must_run() const;
  void resume_failed(int status);
  void latch_slack();
  void look_at_ends();
  void settle_waiting();
  void settle_running();
  void settle_paused();
  void keep_waker();
  void ask_for_plan();

  Moment now_;
  std::vector<Command> out_;
  std::vector<Change> changes_;
};

}  // namespace lowtide::act
