// Charges: which part of a device's energy is this run's. docs/methods.md, "Charges".
//
// GPU: all of it is charged while the run is its only user; while others hold it too, a share of
// its idle energy and the run's part of the dynamic energy, as far as the driver tells. CPU and
// DRAM: idle energy goes by the idle rule, dynamic energy by the job's share of the machine's CPU
// time; dynamic energy of others is not charged to anyone here. While the run is paused its share
// of idle energy is charged where the machine is held for it, and not where it stays on anyhow or
// is given back; a GPU is charged as ever, for a frozen job's contexts hold it. All energies are IT
// energy. Pure.
#pragma once

#include <optional>
#include <string>
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

// What a reader should know of a GPU that others held too; empty: it was the run's alone.
[[nodiscard]] std::string sharing_note(const std::vector<ChargePiece>& pieces);

// The part of a channel's idle energy that the rule gives to the run: between 0 and 1. Where the
// machine's size is not known, all of it.
[[nodiscard]] double idle_share(const RunRecord& record, const ChannelInfo& info);

}  // namespace lowtide::account
