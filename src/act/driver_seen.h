// What the driver makes of what it sees: words for the record, work that nobody watched, how a life
// ended. Private to driver.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "act/controller.h"
#include "act/driver_wait.h"
#include "act/life.h"
#include "record/acts.h"

namespace lowtide::act {

[[nodiscard]] record::Standing standing_of(Phase phase);
// Of a transition, for people; may be empty.
[[nodiscard]] std::string detail_of(const ActState& state);
[[nodiscard]] std::string words_of(const std::vector<Change>& changes);

// Of this time. A job that the state has as frozen did not work until its waker let it go on, of
// which the note tells.
[[nodiscard]] Duration worked_since(const Interval& time, const ActState& state,
                                    const std::string& note, const DriverClock& clock);

// How long the user has kept the job stopped (^Z): it does no work then, as when the machine
// sleeps. As exact as the looks are often: a stop counts from the first that sees it to the last.
class StoppedTime {
 public:
  void look(bool stopped, Duration awake) {
    if (stopped && was_) total_ += awake - looked_;
    was_ = stopped;
    looked_ = awake;
  }
  [[nodiscard]] Duration total() const { return total_; }

 private:
  Duration total_{};
  Duration looked_{};
  bool was_ = false;
};

// With its status, where that comes in time. Blocks for 15 s at most, and not where nobody is left
// who could tell it.
[[nodiscard]] std::optional<LifeSeen> ended_life(Life& life);

}  // namespace lowtide::act
