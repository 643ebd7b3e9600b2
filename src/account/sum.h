// Several runs as one figure: failed and exploratory runs included, nested runs counted once, and
// what several runs charged of one device at the same time counted once (overlap.h).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "account/report.h"
#include "base/result.h"

namespace lowtide::account {

// What the energy of a project went into. A run that did not finish is a failure, whatever its tag
// says: tags are given before it is known. Else the tag phase=final makes it final, and everything
// else is exploration.
enum class Phase { exploration, failures, final };
[[nodiscard]] Phase phase_of(const RunRecord& run);

struct Sum {
  std::size_t runs = 0;               // that were added
  std::vector<std::string> left_out;  // ids of runs inside another run of the list
  std::map<RunState, std::size_t> states;
  std::optional<Duration> duration;  // these four: absent where they are known of no run
  std::optional<Duration> active;
  std::optional<Duration> paused;
  std::optional<Duration> waiting;
  std::optional<Boundary> boundary;  // absent: mixed, or none
  std::optional<Energy> total;
  std::optional<Energy> total_low;
  std::optional<Energy> total_high;
  std::optional<Energy> it;
  std::optional<double> modelled_share;
  Signal signal = Signal::average;
  std::optional<Gas> gas;  // absent: mixed, or none
  std::optional<Scope> scope;
  std::optional<Carbon> operational;
  std::optional<Carbon> operational_low;
  std::optional<Carbon> operational_high;
  std::optional<Carbon> embodied;
  std::optional<Carbon> total_carbon;
  std::optional<Carbon> low;
  std::optional<Carbon> high;
  std::optional<Carbon> other_signal;
  std::string note;  // what is mixed, incomplete, left out or counted once
  // One for each Phase, in its order, which add up to this; empty in each of them. A device that
  // runs of two phases used at the same time counts in one of them.
  std::vector<Sum> phases;
};

struct SumOptions {
  bool mixed_boundary = false;
};

// Error usage when boundaries differ (unless allowed), or signals, scopes or gases do.
[[nodiscard]] Result<Sum> sum(std::span<const Report> reports, SumOptions options = {});

}  // namespace lowtide::account

template <>
struct lowtide::Spelling<lowtide::account::Phase> {
  static constexpr auto table = std::to_array<std::pair<lowtide::account::Phase, std::string_view>>(
      {{lowtide::account::Phase::exploration, "exploration"},
       {lowtide::account::Phase::failures, "failures"},
       {lowtide::account::Phase::final, "final"}});
};
