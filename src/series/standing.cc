#include "series/standing.h"

#include <algorithm>

namespace lowtide {
namespace {

// The time since the last life, up to now, is no time of any device (RunRecord::off).
void pause_after_last_life(RunRecord& record, Utc now) {
  const Interval since{*record.end, std::max(now, *record.end)};
  record.as_of = since.end;
  record.end.reset();
  record.exit_status.reset();
  record.exit_note.clear();
  if (since.empty()) return;
  record.off.push_back(since);
  record.machine.away.push_back(since);
  for (MachineShare& machine : record.others) machine.away.push_back(since);
  for (ChannelInfo& channel : record.channels) channel.away.push_back(since);
}

void cancel(RunRecord& record, bool at_rest) {
  record.state = RunState::cancelled;
  if (!at_rest || !record.begin) return;
  record.exit_status.reset();  // its last life had left for a pause
  record.exit_note = "it was cancelled while it was paused";
}

}  // namespace

void stand(RunRecord& record, std::optional<RunState> state, Utc now, bool at_rest) {
  record.moved = true;
  if (!state) return;
  const bool goes_on = record.begin && !record.end;  // a life does
  if (*state == RunState::paused) {
    record.state = RunState::paused;
    if (record.begin && record.end) pause_after_last_life(record, now);
  } else if (*state == RunState::cancelled && !goes_on) {
    cancel(record, at_rest);
  }
  if (record.begin || record.end) return;
  record.state = *state;
  record.as_of = std::max(now, record.submitted);
}

}  // namespace lowtide
