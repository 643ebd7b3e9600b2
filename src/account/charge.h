// Charges: which part of a device's energy is this run's. docs/methods.md, "Charges".
//
// GPU: the run is the sole user, all of it is charged. CPU and DRAM: idle energy goes by the idle
// rule, dynamic energy by the job's share of the machine's CPU time; dynamic energy of others is
// not charged to anyone here. All energies are IT energy. Pure.
#pragma once

#include <optional>
#include <vector>

#include "account/report.h"
#include "series/run.h"

namespace lowtide::account {

struct Charges {
  ChannelCharge sum;                // coverage, low and high are left to others
  std::vector<ChargePiece> pieces;  // in order of time; only where something was read
  // What attribution leaves open, of the charged energy (docs/methods.md, "Attribution").
  Energy attribution_low;
  Energy attribution_high;
};

// One for each channel of the record, in its order.
[[nodiscard]] std::vector<Charges> charge(const RunRecord& record);

// The part of a machine's idle energy that the rule gives to the run: between 0 and 1. Where the
// machine's size is not known, all of it.
[[nodiscard]] double idle_share(const RunRecord& record, ChannelKind kind);

}  // namespace lowtide::account
