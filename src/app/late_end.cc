#include "app/late_end.h"

#include <algorithm>

#include "act/life.h"
#include "app/paths.h"
#include "show/shift_text.h"

namespace lowtide::app {

void keep_late_end(const std::string& run, const act::ActState& state,
                   const record::Transition& transition) {
  if (state.phase != act::Phase::done || state.lives == 0) return;
  // Of a job whose end nobody saw the transition came later.
  const auto life = act::life_in_ledger(ledger_path(), run)->look();
  const Utc seen = life && life->end ? *life->end : transition.time;
  const Utc end = std::min(seen, transition.time);
  if (end <= state.terms.deadline) return;
  auto acts = record::Acts::open(ledger_path());
  if (!acts) return;
  static_cast<void>(
      acts->add_event(run, {end, "late", show::late_text(end, state.terms.deadline)}));
}

}  // namespace lowtide::app
