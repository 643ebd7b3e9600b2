// The loops of the exact sweep with a least run (exact_rows.h). Pure; vectors of what the CPU has,
// chosen at run time (vector_targets.h). Costs are doubles in grams, energies in kWh, intensities
// in g/kWh.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lowtide::plan {

// One slot of the sweep with a least run (exact_rows.h), over blocks of 64 counts. A row holds a
// state for each count j, padded, so whole blocks are read and written; counts outside the band
// hold what no legal state can be reached from. work[j] leads from count j to j + 1.
inline constexpr std::size_t kBlock = 64;
struct Blocks {
  std::size_t first;
  std::size_t last;  // inclusive
};

// next_idle[j] = min(idle[j] + hold, ended[j] + pause), a bit where it stopped.
struct IdleStep {
  const double* idle;
  double hold;
  const double* ended;  // runs that ended a least pause ago
  double pause;
  double* next_idle;
  std::uint64_t* paused;
};
void idle_step(const IdleStep& step, Blocks blocks);

// Of any length: next[j] = work[j-1] * c + min(run[j-1], begin[j-1]), a bit where it began.
struct RunStep {
  const double* run;
  const double* begin;
  const double* work;
  double intensity;
  double* next;
  std::uint64_t* begun;
};
void run_step(const RunStep& step, Blocks blocks);

// Of the least length m at least. `sums` add up work * intensity along a run.
//   next_sums[j] = sums[j-1] + work[j-1] * c
//   next[j] = min(run[j-1] + work[j-1] * c, begun[j-m] + next_sums[j]), a bit where it is m long
struct LongRunStep {
  const double* run;
  const double* sums;
  const double* work;
  double intensity;
  const double* begun;  // less the sums then, m - 1 slots ago, moved on by m counts
  double* next;
  double* next_sums;
  std::uint64_t* grown;
};
void long_run_step(const LongRunStep& step, Blocks blocks);

// begun[j] = idle[j] + resume - sums[j].
struct BeginStep {
  const double* idle;
  double resume;
  const double* sums;
  double* begun;
};
void begin_step(const BeginStep& step, Blocks blocks);

}  // namespace lowtide::plan
