// A run whose events a test tells one by one. Not part of the program.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "act/controller.h"

namespace lowtide::act {

inline std::string name_of(const Command& command) {
  constexpr const char* kNames[] = {"write",  "arm",   "disarm", "freeze", "thaw",
                                    "signal", "start", "end",    "plan",   "say"};
  if (const auto* said = std::get_if<commands::Say>(&command)) {
    return "say " + std::string(spell(said->what));
  }
  std::string name = kNames[command.index()];
  if (const auto* write = std::get_if<commands::Write>(&command)) {
    for (const Change change : write->changes) name += " " + std::string(spell(change));
  }
  return name;
}

// A run on a clock of one's own. Commands are not obeyed: each test answers.
struct Script {
  explicit Script(Manner manner, std::optional<Duration> length = std::chrono::hours(4),
                  Duration resume_takes = Duration::zero()) {
    terms.manner = manner;
    terms.deadline = Utc(std::chrono::hours(24));
    take(*begin(terms, length, resume_takes, now));
  }
  explicit Script(ActState on_disk, const Seen& seen, Duration at, Duration boot) {
    now = {Utc(at), BootTime(boot), boot};
    take(recover(std::move(on_disk), seen, now));
  }

  void take(Step step) {
    state = std::move(step.state);
    said.clear();
    for (const Command& command : step.commands) {
      said += (said.empty() ? "" : ", ") + name_of(command);
      if (const auto* arm = std::get_if<commands::Arm>(&command)) armed_at = arm->at;
    }
  }
  Script& hear(const Event& event) {
    take(step(state, event, now));
    return *this;
  }
  Script& written() { return hear(events::Written{state.written}); }
  Script& armed() { return hear(events::Armed{state.arms}); }
  Script& after(Duration past) {
    now = {now.utc + past, now.boot + past, now.awake + past};
    return hear(events::Tick{});
  }
  Script& plan(std::vector<Interval> runs) {
    return hear(events::PlanCame{{now.utc, std::move(runs), 0.2, PlanWhy::cheaper}});
  }
  // It runs from the first moment and is to pause from 1 h to 3 h.
  Script& running() {
    plan({{Utc(std::chrono::hours(0)), Utc(std::chrono::hours(1))},
          {Utc(std::chrono::hours(3)), Utc(std::chrono::hours(6))}});
    return written().hear(events::Started{});
  }
  Script& frozen() {
    running().after(std::chrono::hours(1)).written();
    return armed().hear(events::Frozen{});
  }
  Script& signalled() {
    return running().after(std::chrono::hours(1)).written().hear(events::Signalled{});
  }
  Script& saved(int status = 75) { return signalled().hear(events::JobEnded{status, false}); }

  Terms terms;
  ActState state;
  Moment now;
  std::string said;
  BootTime armed_at{};
};

}  // namespace lowtide::act
