#include "act/driver_seen.h"

#include <algorithm>

#include "act/notice_text.h"
#include "host/freeze_note.h"
#include "host/proc.h"

namespace lowtide::act {
namespace {

// From the end of the job until its parent has said how it ended.
constexpr Duration kStatusComes = std::chrono::seconds(15);
constexpr Duration kLongestLook = std::chrono::milliseconds(200);

bool lives(pid_t pid) {
  const auto stat = pid > 0 ? host::process_stat(pid) : std::nullopt;
  return stat && !stat->has_ended();
}

bool nobody_tells(const LifeSeen& life) { return !lives(life.meter) && !lives(life.supervisor); }

}  // namespace

record::Standing standing_of(Phase phase) {
  switch (phase) {
    case Phase::waiting:
    case Phase::starting:
      return record::Standing::waiting;
    case Phase::paused:
    case Phase::resuming:
      return record::Standing::paused;
    case Phase::done:
      return record::Standing::done;
    case Phase::cancelled:
      return record::Standing::cancelled;
    default:
      return record::Standing::runs;
  }
}

std::string words_of(const std::vector<Change>& changes) {
  std::string words;
  for (const Change change : changes) {
    words += (words.empty() ? "" : ",") + std::string(spell(change));
  }
  return words;
}

std::string detail_of(const ActState& state) {
  if (state.runs_on == RunsOn::no) return {};
  return "runs on: " + std::string(in_short(state.runs_on));
}

Duration worked_since(const Interval& time, const ActState& state, const std::string& note,
                      const DriverClock& clock) {
  Utc from = time.begin;
  if (state.body == Body::frozen) {
    const auto told = host::read_freeze_note(note);
    if (!told || !told->thawed) return {};
    from = std::max(from, clock.utc_at(told->thawed->at));
  }
  return std::max(time.end - from, Duration::zero());
}

std::optional<LifeSeen> ended_life(Life& life) {
  const host::SystemClock clock;
  const BootTime by = clock.boot() + kStatusComes;
  auto seen = life.look();
  Duration pause = std::chrono::milliseconds(2);
  while (clock.boot() < by && !(seen && seen->ended && seen->status)) {
    // The last of them may have said it and ended since that look.
    if (seen && nobody_tells(*seen)) return life.look();
    sleep_for(pause);
    pause = std::min<Duration>(pause * 2, kLongestLook);
    seen = life.look();
    if (seen && seen->ended && life.is_unknown()) break;
  }
  return seen;
}

}  // namespace lowtide::act
