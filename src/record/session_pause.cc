// A job that is frozen while it is metered: what the freezer notes cuts the run's slots at its
// times.
#include <algorithm>
#include <string>
#include <utility>

#include "record/session.h"

namespace lowtide::record {
namespace {

std::string why(host::ThawCause cause) {
  switch (cause) {
    case host::ThawCause::asked:
      return "let go on: as planned or asked, `lowtide status` says which";
    case host::ThawCause::failed:
      return "the freeze did not come to its end: not all of it could be stopped";
    case host::ThawCause::controller_ended:
      return "by the waker: who carries the plan out had ended";
    case host::ThawCause::time_reached:
      return "by the waker: nobody had thawed it when its time was over";
    case host::ThawCause::found_frozen:
      return "by a later lowtide command: all that should have had died";
  }
  return {};
}

bool has_event(const RunRecord& run, Utc time, const std::string& kind) {
  return std::any_of(run.events.begin(), run.events.end(),
                     [&](const Event& event) { return event.time == time && event.kind == kind; });
}

}  // namespace

// Contexts of a frozen job stay on its GPUs, and a GPU that holds one does not go to sleep.
std::string Session::gpus_held() const {
  std::string held;
  for (std::size_t i = 0; i < rec_.run.channels.size(); ++i) {
    const ChannelInfo& channel = rec_.run.channels[i];
    const auto charged = charged_so_far_.find(i);
    const bool counts = charged == charged_so_far_.end() ? channel.in_total : charged->second;
    if (channel.kind != ChannelKind::gpu || !counts) continue;
    held += (held.empty() ? "" : ", ") + channel.id;
  }
  return held;
}

void Session::note_freeze(const host::FreezeNote::Change& change, Utc at) {
  const std::string kind = change.frozen ? "paused" : "resumed";
  if (has_event(rec_.run, at, kind)) return;  // a meter before this one has said so
  std::string detail = why(change.cause);
  if (change.frozen) {
    detail = std::string("frozen as planned, ") +
             (freezes_.way() == host::FreezeWay::cgroup ? "by its cgroup" : "by signals");
    const std::string held = gpus_held();
    if (!held.empty()) {
      detail += "; what it holds on " + held +
                " stays there: that power goes on being metered and charged";
    }
  }
  rec_.event(at, kind, detail);
}

// Before what was read is added, so that a reading is cut where the state changed.
void Session::look_at_freezes() {
  if (!watch_) return;
  for (const host::FreezeNote::Change& change : freezes_.look()) {
    const Utc at = std::max(anchor_.at(change.at), *rec_.run.begin);
    if (rec_.run.end && at >= *rec_.run.end) continue;  // of a job that had ended
    const RunState state = change.frozen ? RunState::paused : RunState::running;
    if (state == rec_.run.state) continue;
    rec_.run.state = state;
    rec_.pending.state = state;
    rec_.buckets.change_state(state, at);
    note_freeze(change, at);
    state_changed_ = true;
  }
}

// On record at once: who lists the runs sees it as it is.
void Session::write_new_state() {
  if (!std::exchange(state_changed_, false)) return;
  note_use();
  flush();
}

}  // namespace lowtide::record
