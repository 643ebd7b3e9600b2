#include "app/settle.h"

#include "act/driver_seen.h"
#include "act/run_files.h"
#include "act/state_text.h"
#include "app/job_file.h"
#include "app/late_end.h"
#include "app/paths.h"
#include "app/say.h"
#include "host/clock.h"

namespace lowtide::app {
namespace {

Result<record::Act> settle_found(const std::string& run,
                                 const std::function<void(act::ActState&)>& change,
                                 record::Standing otherwise, const std::string& why) {
  auto acts = record::Acts::open_to_read(ledger_path());
  auto act = acts ? acts->find(run) : tl::unexpected(acts.error());
  if (!act) return tl::unexpected(act.error());
  if (!*act) return fail(ErrorKind::absent, "no plan moves it", run);
  return settle(std::move(**act), change, otherwise, why);
}

}  // namespace

Result<record::Act> settle(record::Act act, const std::function<void(act::ActState&)>& change,
                           record::Standing otherwise, const std::string& why) {
  std::string phase(spell(otherwise));
  act.standing = otherwise;
  if (auto state = act::read_state(act.state)) {
    change(*state);
    act.standing = act::standing_of(state->phase);
    act.state = act::text_of(*state);
    phase = spell(state->phase);
  }
  act.changed = host::SystemClock().utc();
  const bool over =
      act.standing == record::Standing::done || act.standing == record::Standing::cancelled;
  auto acts = record::Acts::open(ledger_path());
  const auto done = acts ? acts->write(act, {act.changed, over ? "ended" : "recovered", phase, why})
                         : tl::unexpected(acts.error());
  if (!done) return tl::unexpected(done.error());
  return act;
}

void settle_unled(const std::string& run) {
  warn("nobody can carry the plan of run " + run + " out any more: the job runs, and is not moved");
  const auto change = [](act::ActState& state) {
    state.phase = act::Phase::running;
    state.body = act::Body::runs;
    state.runs_on = act::RunsOn::unled;
  };
  act::ActState unled;
  change(unled);
  const auto done = settle_found(run, change, record::Standing::runs, act::detail_of(unled));
  if (!done) warn(done.error().line());
}

void settle_over(const std::string& run, int status) {
  const auto change = [status](act::ActState& state) {
    state.phase = act::Phase::done;
    state.body = act::Body::none;
    state.status = status;
  };
  const auto done = settle_found(run, change, record::Standing::done, "ended unmoved");
  if (!done) return warn(done.error().line());
  if (const auto state = act::read_state(done->state)) {
    keep_late_end(run, *state, {done->changed, "ended", "done", {}});
  }
  run_files(run).remove();
}

void settle_thawed(const std::string& run) {
  auto acts = record::Acts::open(ledger_path());
  auto act = acts ? acts->find(run) : tl::unexpected(acts.error());
  if (!act || !*act || (**act).standing != record::Standing::paused) return;
  (**act).standing = record::Standing::runs;
  (**act).changed = host::SystemClock().utc();
  static_cast<void>(acts->write(**act, {(**act).changed, "recovered", "running",
                                        "let go on by a later command: its lowtide was gone"}));
}

}  // namespace lowtide::app
