// Watches a run's pauses go by and puts on record what each of them cost (act/learning.h).
#pragma once

#include <optional>
#include <string>

#include "act/learning.h"
#include "act/state.h"
#include "record/acts.h"

namespace lowtide::app {

class PauseLearner {
 public:
  PauseLearner(std::string ledger, std::string run, std::string name)
      : ledger_(std::move(ledger)), run_(std::move(run)), name_(std::move(name)) {}

  void noted(const act::ActState& state, const record::Transition& transition);
  void said(Utc now, double done);
  // A life that goes on has not yet come to where the one before was.
  [[nodiscard]] bool watches() const { return seen_ && seen_->start; }
  // How long resuming took, once, when that has been seen.
  [[nodiscard]] std::optional<Duration> measured();

 private:
  void keep(const act::PauseCost& cost, Utc now);

  std::string ledger_;
  std::string run_;
  std::string name_;
  std::optional<act::PauseSeen> seen_;  // a pause that is not yet judged
  std::optional<act::Said> last_;
  std::optional<Duration> measured_;
};

}  // namespace lowtide::app
