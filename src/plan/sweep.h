// Policies over every start of a long series at once: what a study, a comparison of regions and a
// year of starts are made of.
//
// Each function takes intensity by slot (kMissing for a gap) and gives a value for every start
// t = 0 .. size - window: grams, NaN where the window touches a gap, empty where the series is
// shorter than the window. Pieces of the work may run side by side (the caller's `spread`); memory
// is bounded and stated at each function. The kernels use vectors of whatever the CPU has, chosen
// at run time; sweep_reference.h has the scalar one that all of them are compared with.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "plan/problem.h"

namespace lowtide::plan {

// Runs do_piece(0) .. do_piece(pieces - 1), in any order, and returns when all are done. This
// folder is pure and starts no threads; host/threads.h has one that does.
using Spread =
    std::function<void(std::size_t pieces, const std::function<void(std::size_t)>& do_piece)>;

struct SweepOptions {
  Spread spread = {};  // empty: one after the other
  // Called after each piece with the part that is done (0 .. 1), by one thread at a time; false:
  // stop, and the result is empty.
  std::function<bool(double)> progress = {};
};

// B(t): what the job emits when it starts at t and is not paused. A direct correlation, many starts
// held in registers; in doubles. Memory: the series twice beside the result.
[[nodiscard]] std::vector<Carbon> baseline_for_all(std::span<const Intensity> intensity,
                                                   std::span<const Energy> work,
                                                   const SweepOptions& options = {});

// Flexible start without hold charges: for each slack the least baseline of the starts t ..
// t+slack. result[i] belongs to slacks[i] and has baseline.size() - slacks[i] values. All slacks
// share one ladder of minima of 1, 2, 4, .. starts: a window is the minimum of two that overlap.
// Memory: the baseline once beside the results.
[[nodiscard]] std::vector<std::vector<Carbon>> flexible_start_for_all(
    std::span<const Carbon> baseline, std::span<const std::size_t> slacks);

// A series with its known slots in order of intensity (ties: the earlier first), made once for many
// questions. Intensity is in whole steps of 2^-61 of the largest, so that running sums of it stay
// exact whatever is added and taken off. Memory: 28 bytes a slot.
struct RankedSeries {
  explicit RankedSeries(std::span<const Intensity> intensity);

  std::vector<std::int32_t> rank;     // by slot; padded, so that whole vectors may be read
  std::vector<float> grams;           // g/kWh by slot; padded likewise
  std::vector<std::int64_t> steps;    // by slot
  std::vector<std::int64_t> by_rank;  // steps by rank
  std::vector<std::int32_t> slot;     // by rank
  Intensity step;
  struct Run {
    std::size_t begin, end;
  };
  std::vector<Run> runs;  // slots between gaps
};

// The slots of lowest intensity in each window (ties: the earlier), for work of equal energy in
// each slot. Ranks of the window's slots are bits; a step to the next start sets one bit, clears
// one, and moves the rank of the last chosen slot by one bit at most. Sums are exact in steps of
// RankedSeries, rounded down to 2^-61 of the largest intensity times the window. Memory: a bit a
// slot and thread.
[[nodiscard]] std::vector<Carbon> flat_lowest_slots_for_all(const RankedSeries& series,
                                                            Energy in_each, std::size_t work,
                                                            std::size_t slack,
                                                            const SweepOptions& options = {});

struct LowestSlots {
  std::vector<Carbon> carbon;          // without charges; NaN where there is no result
  std::vector<std::uint32_t> resumes;  // 0 where there is no result
  // Sum of the intensities of the slots in which work goes on after a pause: times a resume charge
  // it is what the resumes cost. NaN where there is no result.
  std::vector<Intensity> at_resumes;
};
// The same with the resumes, which are kept up slot by slot as slots are chosen and given up.
// Memory: a byte a slot and thread more.
[[nodiscard]] LowestSlots flat_lowest_slots_with_resumes_for_all(const RankedSeries& series,
                                                                 Energy in_each, std::size_t work,
                                                                 std::size_t slack,
                                                                 const SweepOptions& options = {});

// The same slots for work of any energies, run in order of time: each window is read once, chosen
// slots are packed and multiplied. In floats (2e-5).
[[nodiscard]] LowestSlots lowest_slots_for_all(const RankedSeries& series,
                                               std::span<const Energy> work, std::size_t slack,
                                               const SweepOptions& options = {});

struct ManyStarts {
  std::span<const Energy> work;
  Energy resume;  // charged in the slot in which work goes on; may be none
  std::span<const std::size_t> slacks;
  std::span<const std::size_t> starts;  // any of the series; neighbours are read where they lie
};
// The exact plan's cost for work of any energies: result[i][k] belongs to slacks[i] and starts[k],
// NaN where that window leaves the series or touches a gap. A start in each lane of a vector, all
// slacks from one sweep of the longest. In floats (2e-5). Memory: 130 bytes a slot of the longest
// window and thread, beside the result.
[[nodiscard]] std::vector<std::vector<Carbon>> exact_for_starts(
    std::span<const Intensity> intensity, const ManyStarts& asked,
    const SweepOptions& options = {});

struct FlatWork {
  Energy in_each;  // work slot
  std::size_t count = 0;
  Energy resume;  // charged in the slot in which work goes on
};
inline constexpr std::size_t kMostSweepBytes = 1'000'000'000;
// The exact plan's cost for work of equal energy in each slot. Every window holds one of the
// pivots, which are a window apart; the part before it and the part from it on meet in the count of
// work slots alone, and from start to start one slot goes over from one to the other.
// O(min(work, slack)) a start. In floats (2e-5). Memory a thread: 8 bytes x work x slack, for 9
// days doubled 56 MB; empty when that is over kMostSweepBytes.
[[nodiscard]] std::vector<Carbon> flat_exact_for_all(std::span<const Intensity> intensity,
                                                     const FlatWork& work, std::size_t slack,
                                                     const SweepOptions& options = {});

}  // namespace lowtide::plan
