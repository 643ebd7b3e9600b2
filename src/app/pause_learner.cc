#include "app/pause_learner.h"

#include <string_view>
#include <utility>

namespace lowtide::app {
namespace {

constexpr std::string_view kManner = "checkpoint";  // a thaw costs nothing

bool has(const std::string& changes, std::string_view word) {
  return ("," + changes + ",").find("," + std::string(word) + ",") != std::string::npos;
}

}  // namespace

void PauseLearner::noted(const act::ActState& state, const record::Transition& transition) {
  if (state.terms.manner != act::Manner::checkpoint) return;
  if (has(transition.changes, "pauses")) {
    seen_.emplace();
    seen_->signal = transition.time;
    seen_->length = state.length;
    if (last_) seen_->before.push_back(*last_);
  }
  if (!seen_) return;
  if (has(transition.changes, "runs_on")) return seen_.reset();  // it has not paused
  if (has(transition.changes, "paused")) {
    seen_->exit = transition.time;
    keep(cost_of_pause(*seen_), transition.time);
  }
  if (has(transition.changes, "started") && state.lives > 1) {
    seen_->start = transition.time;
    seen_->after.clear();
  }
  if (has(transition.changes, "ended")) seen_.reset();
}

void PauseLearner::said(Utc now, double done) {
  last_ = act::Said{now, done};
  if (!seen_) return;
  if (!seen_->start) {
    seen_->before.push_back(*last_);
    return;
  }
  seen_->after.push_back(*last_);
  act::PauseCost cost = cost_of_pause(*seen_);
  if (!cost.resume_takes) return;
  measured_ = cost.resume_takes;
  cost.save_takes.reset();  // is kept already
  keep(cost, now);
  seen_.reset();
}

// What cannot be kept is not learnt; the run goes on.
void PauseLearner::keep(const act::PauseCost& cost, Utc now) {
  if (!cost.save_takes && !cost.resume_takes && !cost.redone) return;
  auto acts = record::Acts::open(ledger_);
  if (!acts) return;
  static_cast<void>(acts->learn(run_, {name_, std::string(kManner), now, cost.save_takes,
                                       cost.resume_takes, cost.redone, std::nullopt}));
}

std::optional<Duration> PauseLearner::measured() { return std::exchange(measured_, std::nullopt); }

}  // namespace lowtide::app
