// The run cut into slot pieces, and the join of its energy with an intensity, piece by piece.
//
// Pieces cover the run from its begin to its end without a hole but between its lives and are cut
// at each 5-minute edge of UTC, at each change of state and at the edges of gaps in the headline
// intensity. Pure.
#pragma once

#include <optional>
#include <vector>

#include "account/charge.h"
#include "account/report.h"
#include "series/intensity_series.h"
#include "series/run.h"

namespace lowtide::account {

// When the run was in which state: in order, without holes but between its lives. Empty for a run
// that never began.
struct Stretch {
  Interval span;
  RunState state = RunState::running;
};
[[nodiscard]] std::vector<Stretch> stretches(const RunRecord& record);

// The slots of a report: the charges of counted channels, shared out by time where a recorded piece
// spans several, with intensity and carbon. `headline` may be null: no such series.
[[nodiscard]] std::vector<SlotReport> cut_slots(const RunRecord& record,
                                                const std::vector<Charges>& charges,
                                                const IntensityUsed* headline);

// The first series of this signal; null where there is none.
[[nodiscard]] const IntensityUsed* find_signal(const RunRecord& record, Signal signal);

// PUE as a factor: 1 where it is not included.
[[nodiscard]] double pue_factor(const RunRecord& record);

struct Priced {
  Energy energy;                 // IT energy whose intensity is known
  Energy unpriced;               // IT energy in a gap of the intensity
  std::optional<Carbon> carbon;  // of the priced part, x PUE; absent: nothing is priced
  std::optional<Intensity> energy_weighted;
};
// The slots' energies under any series, by the same rule as their own.
[[nodiscard]] Priced price(const std::vector<SlotReport>& slots, const IntensitySeries& series,
                           double pue);

}  // namespace lowtide::account
